package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
)

const mounted = "/var/run/secrets/kubernetes.io/serviceaccount/"

// shell answers what a scenario asks a container. It runs nothing: mounted service-account files are read from the
// kubelet's volume, everything else gets a line of plausible text.
type shell struct {
	runtime *runtime
	pods    string
}

func (s *shell) Exec(_ context.Context, id string, command []string, in io.Reader, out, _ io.WriteCloser, tty bool, _ <-chan remotecommand.TerminalSize) error {
	line := strings.Join(command, " ")
	if i := strings.Index(line, mounted); i >= 0 {
		name := strings.Fields(line[i+len(mounted):])[0]
		return s.copyMounted(id, strings.Trim(name, "'\";"), out)
	}
	if in != nil {
		if _, err := io.Copy(io.Discard, in); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(out, "%s: done\n", command[0])
	return err
}

func (s *shell) Attach(_ context.Context, _ string, in io.Reader, out, _ io.WriteCloser, _ bool, _ <-chan remotecommand.TerminalSize) error {
	if _, err := fmt.Fprintln(out, "attached"); err != nil || in == nil {
		return err
	}
	_, err := io.Copy(io.Discard, in)
	return err
}

// PortForward echoes, like the simplest of all services.
func (s *shell) PortForward(_ context.Context, _ string, _ int32, stream io.ReadWriteCloser) error {
	defer stream.Close()
	_, err := io.Copy(stream, stream)
	return err
}

func (s *shell) copyMounted(id, name string, out io.Writer) error {
	s.runtime.Lock()
	container, ok := s.runtime.Containers[id]
	uid := ""
	if ok && s.runtime.Sandboxes[container.SandboxID] != nil {
		uid = s.runtime.Sandboxes[container.SandboxID].Metadata.Uid
	}
	s.runtime.Unlock()
	found, err := filepath.Glob(filepath.Join(s.pods, uid, "volumes", "kubernetes.io~projected", "*", filepath.Base(name)))
	if err != nil || uid == "" || len(found) == 0 {
		return fmt.Errorf("%s%s: no such file or directory", mounted, name)
	}
	data, err := os.ReadFile(found[0])
	if err != nil {
		return err
	}
	_, err = out.Write(data)
	return err
}
