"""Between engine and app: the bridge, samplers and services; all workers run here."""
