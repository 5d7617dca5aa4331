"""Probes of the machine: GPU, CPU, memory, training processes."""
