package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
	apitest "k8s.io/cri-api/pkg/apis/testing"
	"k8s.io/cri-streaming/pkg/streaming"
)

const (
	jobLabel   = "batch.kubernetes.io/job-name"
	jobLasts   = 4 * time.Second
	initLasts  = 500 * time.Millisecond
	podsOnNode = 250
)

// runtime pretends to run containers: every container starts, those of jobs and init containers end by themselves.
type runtime struct {
	*apitest.FakeRuntimeService
	streams streaming.Server
	prefix  string

	mu       sync.Mutex
	next     int
	logPaths map[string]string
}

func newRuntime(o options) (*runtime, error) {
	r := &runtime{FakeRuntimeService: apitest.NewFakeRuntimeService(), prefix: o.podPrefix, logPaths: map[string]string{}}
	r.FakeStatus = &runtimeapi.RuntimeStatus{Conditions: []*runtimeapi.RuntimeCondition{
		{Type: runtimeapi.RuntimeReady, Status: true}, {Type: runtimeapi.NetworkReady, Status: true}}}
	config := streaming.DefaultConfig
	config.Addr = net.JoinHostPort(o.address, "10251")
	server, err := streaming.NewServer(config, &shell{runtime: r, pods: filepath.Join(o.root, "kubelet", "pods")})
	if err != nil {
		return nil, err
	}
	r.streams = server
	go func() {
		if err := server.Start(true); err != nil {
			fmt.Fprintln(os.Stderr, "streaming server:", err)
		}
	}()
	return r, nil
}

func (r *runtime) Version(ctx context.Context, api string) (*runtimeapi.VersionResponse, error) {
	response, err := r.FakeRuntimeService.Version(ctx, api)
	if err == nil {
		response.RuntimeName, response.RuntimeVersion = "containerd", "1.7.24"
	}
	return response, err
}

func (r *runtime) RunPodSandbox(ctx context.Context, config *runtimeapi.PodSandboxConfig, handler string) (string, error) {
	id, err := r.FakeRuntimeService.RunPodSandbox(ctx, config, handler)
	if err != nil {
		return "", err
	}
	r.mu.Lock()
	r.next = r.next%podsOnNode + 1
	address := fmt.Sprintf("%s.%d", r.prefix, r.next+1)
	r.mu.Unlock()
	r.Lock()
	defer r.Unlock()
	r.Sandboxes[id].Network.Ip = address
	return id, nil
}

func (r *runtime) CreateContainer(ctx context.Context, sandbox string, config *runtimeapi.ContainerConfig, pod *runtimeapi.PodSandboxConfig) (string, error) {
	id, err := r.FakeRuntimeService.CreateContainer(ctx, sandbox, config, pod)
	if err != nil {
		return "", err
	}
	path := filepath.Join(pod.LogDirectory, config.LogPath)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil { // the kubelet's own file system is a fake too
		return "", err
	}
	line := time.Now().UTC().Format(time.RFC3339Nano) + " stdout F " + config.Metadata.Name + " is up\n"
	if err := os.WriteFile(path, []byte(line), 0o600); err != nil {
		return "", err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.logPaths[id] = path
	return id, nil
}

func (r *runtime) StartContainer(ctx context.Context, id string) error {
	if err := r.FakeRuntimeService.StartContainer(ctx, id); err != nil {
		return err
	}
	r.Lock()
	defer r.Unlock()
	container := r.Containers[id]
	lasts := time.Duration(0)
	if strings.HasPrefix(container.Metadata.Name, "init") {
		lasts = initLasts
	} else if sandbox := r.Sandboxes[container.SandboxID]; sandbox != nil && sandbox.Labels[jobLabel] != "" {
		lasts = jobLasts
	}
	if lasts > 0 {
		time.AfterFunc(lasts, func() { r.finish(id) })
	}
	return nil
}

func (r *runtime) finish(id string) {
	r.Lock()
	defer r.Unlock()
	if c, ok := r.Containers[id]; ok && c.State == runtimeapi.ContainerState_CONTAINER_RUNNING {
		c.State = runtimeapi.ContainerState_CONTAINER_EXITED
		c.FinishedAt = time.Now().UnixNano()
		c.Reason = "Completed"
	}
}

func (r *runtime) ContainerStatus(ctx context.Context, id string, verbose bool) (*runtimeapi.ContainerStatusResponse, error) {
	response, err := r.FakeRuntimeService.ContainerStatus(ctx, id, verbose)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	response.Status.LogPath = r.logPaths[id]
	return response, nil
}

func (r *runtime) Exec(_ context.Context, request *runtimeapi.ExecRequest) (*runtimeapi.ExecResponse, error) {
	return r.streams.GetExec(request)
}

func (r *runtime) Attach(_ context.Context, request *runtimeapi.AttachRequest) (*runtimeapi.AttachResponse, error) {
	return r.streams.GetAttach(request)
}

func (r *runtime) PortForward(_ context.Context, request *runtimeapi.PortForwardRequest) (*runtimeapi.PortForwardResponse, error) {
	return r.streams.GetPortForward(request)
}
