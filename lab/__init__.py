"""A real Kubernetes control plane on loopback, with honest work, attacks and labels: development equipment only."""
