"""What machines are told of a worker: metrics for Prometheus, and whether it lives.

`counting` is fed by the worker, `collector` asks the store and the watcher at each
scrape, `server` answers on a port of this machine.
"""
