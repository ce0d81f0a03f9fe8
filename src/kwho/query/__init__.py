"""One language selects events everywhere: rules, filters, search. This package is its syntax tree and evaluators."""
