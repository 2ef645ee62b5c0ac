"""gunicorn in this process, configured by this service's settings alone (https://docs.gunicorn.org/en/stable/custom.html)."""

from gunicorn.app.base import BaseApplication

from .configuration import Configuration


class Server(BaseApplication):
    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        super().__init__()

    def load_config(self) -> None:
        self.cfg.set("bind", self.configuration.bind)
        self.cfg.set("workers", self.configuration.workers)
        self.cfg.set("proc_name", "web-service")
        # Heartbeats must never wait for a disk.
        self.cfg.set("worker_tmp_dir", "/dev/shm")
        # It would lie in a home that a service account hasn't; older versions have none.
        if "control_socket_disable" in self.cfg.settings:
            self.cfg.set("control_socket_disable", True)

    def load(self) -> object:
        from .wsgi import application

        return application
