"""Events to findings: rules, correlations over time, and the health of both on a given log."""
