"""Goal: the examples for operators (docker-compose.yml, Dockerfile, deploy/) fit the programs and
each other: names, ports, users, settings, endpoints, times.

Method: the files are read, and held against the real programs: their --help, an agent's endpoints,
the container's health check, the libraries that they load. `docker compose config`, `kubectl
kustomize` and `systemd-analyze` judge them too, where they are installed.
"""
import json
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import yaml

import harness
from server_case import ServerCase, http_get

ROOT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 70  # to commit and to answer, at most (docs/operations.md, "Stopping")


def text_of(path):
    return (ROOT / path).read_text(encoding="utf-8")


def settings():
    """Every variable of .env.example, which check_house holds against the programs."""
    return set(re.findall(r"^#?([A-Z0-9_]+)=", text_of(".env.example"), re.MULTILINE))


def run(*words):
    return subprocess.run(list(map(str, words)), cwd=ROOT, capture_output=True, text=True,
                          check=False)


class Compose(unittest.TestCase):
    def setUp(self):
        self.services = yaml.safe_load(text_of("docker-compose.yml"))["services"]

    def test_names_ports_and_users_are_the_contracts(self):
        self.assertEqual(set(self.services), {"postgres", "minio", "pgadmin"})
        postgres, minio, pgadmin = (self.services[name] for name in
                                    ("postgres", "minio", "pgadmin"))
        self.assertEqual(postgres["container_name"], "streamhouse-postgres")
        self.assertEqual(minio["container_name"], "streamhouse-minio")
        self.assertRegex(postgres["image"], r"^postgres:16\b")
        self.assertEqual({name: postgres["environment"][f"POSTGRES_{name}"]
                          for name in ("USER", "PASSWORD", "DB")},
                         {"USER": "streamhouse", "PASSWORD": "streamhouse_dev",
                          "DB": "streamhouse_metadata"})
        self.assertEqual({name: minio["environment"][f"MINIO_ROOT_{name}"]
                          for name in ("USER", "PASSWORD")},
                         {"USER": "minioadmin", "PASSWORD": "minioadmin"})
        self.assertEqual(postgres["ports"], ["127.0.0.1:5432:5432"])
        self.assertEqual(minio["ports"], ["127.0.0.1:9000:9000", "127.0.0.1:9001:9001"])
        self.assertIn("mkdir -p /data/streamhouse &&", minio["command"][0])
        self.assertEqual(pgadmin["profiles"], ["admin"])
        for name in ("postgres", "minio"):
            self.assertNotIn("profiles", self.services[name])

    def test_data_outlives_containers_and_health_is_checked(self):
        volumes = yaml.safe_load(text_of("docker-compose.yml"))["volumes"]
        used = {}
        for name, service in self.services.items():
            for volume in service["volumes"]:
                used[volume.split(":")[0]] = name
        self.assertEqual(set(used), set(volumes))
        postgres = self.services["postgres"]["healthcheck"]["test"]
        self.assertEqual(postgres[:2], ["CMD", "pg_isready"])
        self.assertEqual(postgres[-4:], ["-U", "streamhouse", "-d", "streamhouse_metadata"])
        self.assertEqual(self.services["minio"]["healthcheck"]["test"],
                         ["CMD", "mc", "ready", "local"])

    def test_the_guide_names_what_it_starts(self):
        guide = text_of("docs/operations.md").partition("## With docker compose")[2]
        guide = guide.partition("\n## ")[0]
        environment = self.services["postgres"]["environment"]
        url = (f"postgres://{environment['POSTGRES_USER']}:{environment['POSTGRES_PASSWORD']}"
               f"@127.0.0.1:5432/{environment['POSTGRES_DB']}")
        self.assertIn(f"DATABASE_URL={url}", guide)
        self.assertIn("OBJECT_STORE=s3://streamhouse", guide)

    def test_docker_takes_it(self):
        if run("docker", "compose", "version").returncode if shutil.which("docker") else True:
            print("docker compose is not installed: its judgement is missing")
            return
        done = run("docker", "compose", "--profile", "admin", "config", "--services")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(set(done.stdout.split()), set(self.services))


class Image(ServerCase):
    def test_the_programs_run_with_the_packages_that_are_installed_in_it(self):
        programs = [harness.build / name for name in ("streamhouse-server", "streamctl")]
        packages = run("scripts/runtime_packages", *programs).stdout.split()
        self.assertEqual(packages, sorted(set(packages)))
        for wanted in ("libcurl4", "libgrpc++1.51", "libpq5", "libsqlite3-0", "libstdc++6"):
            self.assertIn(wanted, packages)
        self.assertFalse([name for name in packages if name.endswith("-dev")])
        self.assertIn("scripts/runtime_packages", text_of("Dockerfile"))
        self.assertNotEqual(run("scripts/runtime_packages", "/nowhere").returncode, 0)

    def test_it_has_no_rights_and_ends_as_an_agent_ends(self):
        lines = text_of("Dockerfile").splitlines()
        last = [line.split()[0] for line in lines if re.match("FROM ", line)]
        self.assertEqual(len(last), 2, "the compiler stays out")
        self.assertIn("USER 10001:10001", lines)
        self.assertIn("STOPSIGNAL SIGTERM", lines)
        self.assertIn('ENTRYPOINT ["streamhouse-server"]', lines)
        variables = dict(re.findall(r"([A-Z_]+)=(\S+)", next(line for line in lines
                                                            if line.startswith("ENV "))))
        self.assertLessEqual(set(variables), settings())
        ports = {address.rpartition(":")[2] for address in variables.values()}
        self.assertIn(f"EXPOSE {' '.join(sorted(ports, reverse=True))}", lines)

    def test_what_is_copied_exists(self):
        ignored = text_of(".dockerignore").splitlines()
        kept = {line[1:] for line in ignored if line.startswith("!")}
        for path in kept:
            self.assertTrue((ROOT / path).exists(), path)
        for path in re.findall(r"^COPY (?!--from)(\S+)", text_of("Dockerfile"), re.MULTILINE):
            self.assertTrue((ROOT / path).exists(), path)
            self.assertTrue(path == "." or any(path.startswith(of) for of in kept), path)

    def test_its_health_check_tells_life_from_death(self):
        agent = self.agent()

        def check(*words):
            return subprocess.run([ROOT / "deploy/docker/health_check", *words],
                                  env={"HTTP_ADDR": agent.ready["http"], "PATH": "/usr/bin:/bin"},
                                  capture_output=True, check=False).returncode
        self.assertEqual(check(), 0)
        self.assertEqual(check("/readyz"), 0)
        self.assertEqual(check("/nothing"), 1)
        agent.stop()
        self.assertEqual(check(), 1)
        self.assertIn('CMD ["health_check"]', text_of("Dockerfile"))


class Kubernetes(ServerCase):
    def setUp(self):
        super().setUp()
        self.by_kind = {}
        for name in yaml.safe_load(text_of("deploy/kubernetes/kustomization.yaml"))["resources"]:
            for document in yaml.safe_load_all(text_of(f"deploy/kubernetes/{name}")):
                self.by_kind.setdefault(document["kind"], []).append(document)
        agents, = self.by_kind["StatefulSet"]
        self.spec = agents["spec"]
        self.pod = self.spec["template"]["spec"]
        self.container, = self.pod["containers"]

    def test_probes_ask_endpoints_that_there_are(self):
        agent = self.agent()
        for probe, path in (("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")):
            asked = self.container[probe]["httpGet"]
            self.assertEqual(asked, {"path": path, "port": "http"})
            self.assertEqual(http_get(agent.ready["http"], asked["path"])[0], 200)
        annotations = self.spec["template"]["metadata"]["annotations"]
        status, _, body = http_get(agent.ready["http"], annotations["prometheus.io/path"])
        self.assertEqual(status, 200)
        self.assertIn("streamhouse_build_info", body)

    def test_settings_are_settings(self):
        own = {entry["name"] for entry in self.container["env"]}
        config, = self.by_kind["ConfigMap"]
        secret = yaml.safe_load(text_of("deploy/kubernetes/secret.example.yaml"))
        self.assertLessEqual((own - {"POD_NAMESPACE"}) | set(config["data"])
                             | set(secret["stringData"]), settings())
        named = {reference["name"] for entry in self.container["envFrom"]
                 for reference in entry.values()}
        self.assertEqual(named, {config["metadata"]["name"], secret["metadata"]["name"]})

    def test_the_server_takes_them(self):
        config, = self.by_kind["ConfigMap"]
        secret = yaml.safe_load(text_of("deploy/kubernetes/secret.example.yaml"))
        environment = {**config["data"], **secret["stringData"]}
        for entry in self.container["env"]:
            environment[entry["name"]] = entry.get("value", "streamhouse-0")
        for name, value in environment.items():
            environment[name] = re.sub(r"\$\((\w+)\)", lambda match: environment[match.group(1)],
                                       value)
        # Everything is right but the last flag: what comes before it was taken.
        done = subprocess.run([harness.build / "streamhouse-server", "--buffer-limit", "1B"],
                              env=environment, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--buffer-limit must be at least --flush-size", done.stderr)

    def test_parts_find_each_other(self):
        labels = self.spec["template"]["metadata"]["labels"].items()
        selectors = [self.spec["selector"]["matchLabels"],
                     *(service["spec"]["selector"] for service in self.by_kind["Service"]),
                     *(budget["spec"]["selector"]["matchLabels"]
                       for budget in self.by_kind["PodDisruptionBudget"]),
                     *(spread["labelSelector"]["matchLabels"]
                       for spread in self.pod["topologySpreadConstraints"])]
        for selector in selectors:
            self.assertLessEqual(selector.items(), labels)
        ports = {port["name"]: port["containerPort"] for port in self.container["ports"]}
        variables = {entry["name"]: entry.get("value") for entry in self.container["env"]}
        self.assertEqual(variables["GRPC_ADDR"], f"0.0.0.0:{ports['grpc']}")
        self.assertEqual(variables["HTTP_ADDR"], f"0.0.0.0:{ports['http']}")
        headless = next(service for service in self.by_kind["Service"]
                        if service["spec"].get("clusterIP") == "None")
        self.assertEqual(headless["metadata"]["name"], self.spec["serviceName"])
        self.assertEqual(variables["ADVERTISED_GRPC_ADDR"],
                         f"$(AGENT_ID).{self.spec['serviceName']}.$(POD_NAMESPACE).svc:"
                         f"{ports['grpc']}")
        for service in self.by_kind["Service"]:
            for port in service["spec"]["ports"]:
                self.assertEqual(ports[port["targetPort"]], port["port"])
        account, = self.by_kind["ServiceAccount"]
        self.assertEqual(account["metadata"]["name"], self.pod["serviceAccountName"])

    def test_agents_have_no_rights_and_time_to_end(self):
        self.assertGreater(self.pod["terminationGracePeriodSeconds"], STOP_SECONDS)
        user = self.pod["securityContext"]
        self.assertTrue(user["runAsNonRoot"])
        self.assertIn(f"USER {user['runAsUser']}:{user['runAsGroup']}", text_of("Dockerfile"))
        rights = self.container["securityContext"]
        self.assertFalse(rights["allowPrivilegeEscalation"])
        self.assertTrue(rights["readOnlyRootFilesystem"])
        self.assertEqual(rights["capabilities"], {"drop": ["ALL"]})

    def test_kubectl_takes_it(self):
        if not shutil.which("kubectl"):
            print("kubectl is not installed: its judgement is missing")
            return
        done = run("kubectl", "kustomize", "deploy/kubernetes")
        self.assertEqual(done.returncode, 0, done.stderr)
        built = [document["kind"] for document in yaml.safe_load_all(done.stdout)]
        self.assertEqual(sorted(built),
                         sorted(kind for kind, all_of in self.by_kind.items() for _ in all_of))


class Systemd(unittest.TestCase):
    path = "deploy/systemd/streamhouse.service"

    def setUp(self):
        self.unit = dict(re.findall(r"^(\w+)=(.*)$", text_of(self.path), re.MULTILINE))

    def test_it_ends_as_an_agent_ends_and_does_not_repeat_mistakes(self):
        self.assertEqual(self.unit["KillSignal"], "SIGTERM")
        self.assertGreater(int(self.unit["TimeoutStopSec"]), STOP_SECONDS)
        self.assertEqual(self.unit["Restart"], "on-failure")
        done = subprocess.run([harness.build / "streamhouse-server", "--no-such-flag"],
                              capture_output=True, check=False)
        self.assertEqual(str(done.returncode), self.unit["RestartPreventExitStatus"])
        self.assertEqual(Path(self.unit["ExecStart"]).name, "streamhouse-server")

    def test_systemd_takes_it_and_finds_it_safe(self):
        if not shutil.which("systemd-analyze"):
            print("systemd is not installed: its judgement is missing")
            return
        with tempfile.TemporaryDirectory() as folder:
            unit = Path(folder, "streamhouse.service")
            unit.write_text(text_of(self.path).replace(self.unit["ExecStart"], "/bin/true"))
            done = run("systemd-analyze", "verify", unit)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            done = run("systemd-analyze", "security", "--offline=true", "--threshold=20", unit)
            self.assertEqual(done.returncode, 0, done.stdout)


class Prometheus(unittest.TestCase):
    """That metrics and labels exist is a rule of scripts/check_house."""

    def test_alerts_are_complete(self):
        names = []
        for group in yaml.safe_load(text_of("deploy/prometheus/alerts.yml"))["groups"]:
            for rule in group["rules"]:
                names.append(rule["alert"])
                self.assertIn(rule["labels"]["severity"], ("page", "ticket"), rule)
                self.assertEqual(set(rule["annotations"]), {"summary", "guide"}, rule)
                self.assertEqual(rule["expr"].count("("), rule["expr"].count(")"), rule)
        self.assertEqual(len(names), len(set(names)))

    def test_the_dashboard_is_one(self):
        dashboard = json.loads(text_of("deploy/grafana/streamhouse.json"))
        identities = [panel["id"] for panel in dashboard["panels"]]
        self.assertEqual(len(identities), len(set(identities)))
        for panel in dashboard["panels"]:
            for target in panel["targets"]:
                self.assertEqual(target["expr"].count("("), target["expr"].count(")"), target)

    def test_the_port_that_is_asked_is_the_agents(self):
        scrape = yaml.safe_load(text_of("deploy/prometheus/scrape.yml"))
        static = scrape["scrape_configs"][0]["static_configs"][0]["targets"]
        usage = run(harness.build / "streamhouse-server", "--help").stdout
        self.assertIn(static[0], usage)
        self.assertEqual(scrape["rule_files"], ["alerts.yml"])


harness.main(__name__)
