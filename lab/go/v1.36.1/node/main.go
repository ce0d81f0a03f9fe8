// Command node runs one real kubelet on a runtime that only pretends to run containers.
//
// Node identity, leases, status, pod life cycle, mounted tokens and the streaming endpoints are those of the kubelet;
// what happens inside a container is answered by the small shell in exec.go.
package main

import (
	"context"
	"flag"
	"log"
	"net"
	"os"
	"path/filepath"
	"time"

	cadvisorapi "github.com/google/cadvisor/info/v1"
	v1 "k8s.io/api/core/v1"
	clientset "k8s.io/client-go/kubernetes"
	typedv1 "k8s.io/client-go/kubernetes/typed/core/v1"
	restclient "k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/record"
	"k8s.io/component-base/version"
	apitest "k8s.io/cri-api/pkg/apis/testing"
	kubeletapp "k8s.io/kubernetes/cmd/kubelet/app"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	cadvisortest "k8s.io/kubernetes/pkg/kubelet/cadvisor/testing"
	"k8s.io/kubernetes/pkg/kubelet/cm"
	"k8s.io/kubernetes/pkg/kubemark"
)

type options struct {
	name, address, podPrefix, kubeconfig, root string
}

func main() {
	var o options
	flag.StringVar(&o.name, "name", "", "node name")
	flag.StringVar(&o.address, "address", "", "node address; the kubelet listens on it and dials from it")
	flag.StringVar(&o.podPrefix, "pod-prefix", "", "first three numbers of the addresses of its pods, as in 10.244.1")
	flag.StringVar(&o.kubeconfig, "kubeconfig", "", "credentials of the node")
	flag.StringVar(&o.root, "root", "", "directory for everything the kubelet keeps")
	flag.Parse()
	if err := run(context.Background(), o); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, o options) error {
	flags, config := kubemark.GetHollowKubeletConfig(&kubemark.HollowKubeletOptions{
		NodeName: o.name, KubeletPort: 10250, MaxPods: 110,
		NodeLabels: map[string]string{"topology.kubernetes.io/zone": "zone-a"},
	})
	if err := os.RemoveAll(flags.RootDirectory); err != nil { // made outside of our folder
		return err
	}
	flags.NodeIP = o.address
	flags.RootDirectory = filepath.Join(o.root, "kubelet")
	flags.CertDirectory = filepath.Join(o.root, "pki")
	config.Address = o.address
	config.ProviderID = ""
	config.PodLogsDir = filepath.Join(o.root, "logs")
	config.StaticPodPath = filepath.Join(o.root, "static-pods")
	config.FileCheckFrequency.Duration = 2 * time.Second
	config.HealthzPort = 0
	config.ClusterDNS = []string{"10.96.0.10"}
	config.ClusterDomain = "cluster.local"

	for _, folder := range []string{flags.RootDirectory, config.PodLogsDir, config.StaticPodPath} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
	}
	client, heartbeat, err := clients(o, config.NodeStatusUpdateFrequency.Duration)
	if err != nil {
		return err
	}
	runtime, err := newRuntime(o)
	if err != nil {
		return err
	}
	kubelet := kubemark.NewHollowKubelet(flags, config, client, heartbeat,
		machine{&cadvisortest.Fake{NodeName: o.name}}, apitest.NewFakeImageService(), runtime, cm.NewStubContainerManager())
	if kubelet.KubeletDeps.TLSOptions, err = kubeletapp.InitializeTLS(ctx, flags, config); err != nil {
		return err
	}
	kubelet.KubeletDeps.Recorder = recorder(client, o.name)
	kubelet.Run(ctx)
	return nil
}

func clients(o options, period time.Duration) (*clientset.Clientset, *clientset.Clientset, error) {
	config, err := clientcmd.BuildConfigFromFlags("", o.kubeconfig)
	if err != nil {
		return nil, nil, err
	}
	config.ContentType = "application/vnd.kubernetes.protobuf"
	config.UserAgent = "kubelet/" + version.Get().GitVersion + " (linux/amd64) kubernetes/" + version.Get().GitCommit[:7]
	config.QPS, config.Burst = 50, 100
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(o.address)}, Timeout: 10 * time.Second}
	config.Dial = dialer.DialContext
	client, err := clientset.NewForConfig(config)
	if err != nil {
		return nil, nil, err
	}
	beat := restclient.CopyConfig(config)
	beat.Timeout = period
	beat.QPS = -1
	heartbeat, err := clientset.NewForConfig(beat)
	return client, heartbeat, err
}

// machine is what the node says it is: plain values in the place of the test double's odd ones.
type machine struct{ *cadvisortest.Fake }

func (m machine) VersionInfo() (*cadvisorapi.VersionInfo, error) {
	return &cadvisorapi.VersionInfo{KernelVersion: "6.8.0-45-generic", ContainerOsVersion: "Ubuntu 24.04.1 LTS"}, nil
}

// recorder sends the kubelet's own Event objects (Scheduled, Pulled, Started …) as a real kubelet does.
func recorder(client *clientset.Clientset, node string) record.EventRecorderLogger {
	broadcaster := record.NewBroadcaster()
	broadcaster.StartRecordingToSink(&typedv1.EventSinkImpl{Interface: client.CoreV1().Events("")})
	return broadcaster.NewRecorder(legacyscheme.Scheme, v1.EventSource{Component: "kubelet", Host: node})
}
