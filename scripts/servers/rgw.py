"""Ceph's RADOS Gateway: an S3 server that checks signatures and honours If-None-Match, on one
monitor and one storage daemon that keeps everything in memory."""
import http.client
import shutil
import uuid

from servers.processes import Server, free_port
from servers.s3_request import S3

PROGRAMS = ("ceph-mon", "ceph-osd", "ceph", "radosgw", "radosgw-admin", "monmaptool")
ACCESS_KEY, SECRET_KEY = "streamhouse-test", "streamhouse-test-secret"

# The monitor speaks the older protocol (v1): on another port than its own, a bare address makes the
# gateway try the newer one for ever. Without tcp_nodelay every small answer takes 44 ms. A storage
# daemon that updates its place in the map at its start may send that before it knows the cluster's
# id, and is refused ("wrong fsid"): it is put there by us.
CONFIGURATION = """\
[global]
fsid = {fsid}
mon_host = v1:127.0.0.1:{monitor_port}
public_network = 127.0.0.0/8
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
osd_pool_default_size = 1
osd_pool_default_min_size = 1
paxos_propose_interval = 0.05
paxos_min_wait = 0.01
osd_pool_default_pg_num = 8
osd_pool_default_pgp_num = 8
osd_pool_default_pg_autoscale_mode = off
mon_allow_pool_size_one = true
mon_data_avail_crit = 1
mon_max_pg_per_osd = 1000
osd_objectstore = memstore
memstore_device_bytes = 4294967296
osd_crush_chooseleaf_type = 0
osd_crush_update_on_start = false
osd_class_update_on_start = false
run_dir = {folder}
admin_socket = {folder}/$name.asok
log_file = {folder}/$name.log
pid_file = {folder}/$name.pid
mon_data = {folder}/mon
osd_data = {folder}/osd
rgw_data = {folder}/rgw
rgw_frontends = beast endpoint=127.0.0.1:{port} tcp_nodelay=1
rgw_dns_name = localhost
rgw_thread_pool_size = 64
rgw_gc_obj_min_wait = 1
rgw_gc_processor_period = 5
debug_none = 0/0
debug_ms = 0/0
debug_mon = 0/0
debug_osd = 0/0
debug_rgw = 0/0
debug_rocksdb = 0/0
"""


def missing():
    """The programs that are not installed."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


class Rgw(Server):
    """Running when constructed; stop() ends it and removes its folder."""

    def __init__(self):
        super().__init__("rgw")
        self.s3 = S3(self.endpoint, ACCESS_KEY, SECRET_KEY)

    def _start(self):
        monitor_port, fsid = free_port(), str(uuid.uuid4())
        conf = self.folder / "ceph.conf"
        conf.write_text(CONFIGURATION.format(fsid=fsid, monitor_port=monitor_port,
                                             folder=self.folder, port=self.port))
        with_conf = ("-c", conf)
        for name in ("mon", "osd", "rgw"):
            (self.folder / name).mkdir()
        run, start = self.processes.run, self.processes.start
        run("monmaptool", "--create", "--fsid", fsid, "--addv", "a",
            f"[v1:127.0.0.1:{monitor_port}]", self.folder / "monmap")
        run("ceph-mon", *with_conf, "-i", "a", "--mkfs", "--monmap", self.folder / "monmap")
        monitor = start("ceph-mon", *with_conf, "-i", "a", "-f")
        if run("ceph", *with_conf, "fsid").strip() != fsid or monitor.poll() is not None:
            raise RuntimeError(f"port {monitor_port} is somebody else's")
        osd_uuid = str(uuid.uuid4())  # the same below, or the daemon boots for ever
        osd = run("ceph", *with_conf, "osd", "new", osd_uuid).strip()
        run("ceph-osd", *with_conf, "-i", osd, "--osd-uuid", osd_uuid, "--mkfs")
        start("ceph-osd", *with_conf, "-i", osd, "-f")
        run("ceph", *with_conf, "osd", "crush", "add", osd, "1", "root=default", "host=h")
        start("radosgw", *with_conf, "--name", "client.rgw", "-f")
        self.processes.wait_until(self._answers, "the gateway's first answer")
        run("radosgw-admin", *with_conf, "user", "create", "--uid", "tests", "--display-name",
            "tests", "--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY)

    def _answers(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status in (200, 403)
        except OSError:
            return False
        finally:
            connection.close()

    def environment(self):
        """What an AWS tool needs to use it."""
        return {"AWS_ENDPOINT_URL": self.endpoint, "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
