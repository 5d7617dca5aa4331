"""Between engine and app: the bridge, samplers and services, the only home of workers."""
