"""Starts the servers that are compared, each on a loopback port with a generated configuration."""
import os
import shutil
import socket
import subprocess
import time

SECRET = "conformance"
WEBHOOK_PATH = "/webhooks/bankconnect"
METHODS = "GET, HEAD, OPTIONS, POST"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """Writes `files`, runs `command` in `folder` and waits until it listens at `port` on loopback."""

    def __init__(self, name, folder, files, command, port):
        self.name = name
        self.address = ("127.0.0.1", port)
        os.makedirs(folder, exist_ok=True)
        os.chmod(folder, 0o755)
        for path, text in files.items():
            place = os.path.join(folder, path)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "w", encoding="ascii") as file:
                file.write(text)
            os.chmod(place, 0o755 if text.startswith("#!") else 0o644)
        self.log = open(os.path.join(folder, "output"), "wb")
        self.process = subprocess.Popen(command, cwd=folder, stdout=self.log, stderr=self.log)
        self.wait_until_it_listens()

    def wait_until_it_listens(self):
        until = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(self.address, timeout=1).close()
                return
            except OSError:
                if time.monotonic() > until or self.process.poll() is not None:
                    self.stop()
                    with open(self.log.name, errors="replace") as log:
                        raise SystemExit("%s does not start:\n%s" % (self.name, log.read()))
                time.sleep(0.05)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def plain(build, folder):
    """The HTTP server of the daemon, with the endpoint that the suites expect."""
    port = free_port()
    program = os.path.join(build, "tests/unit/net/conformance-server")
    return Server("bankconnectd's HTTP", folder, {}, [program, str(port)], port)


def daemon(program, folder, settings=()):
    """bankconnectd with a webhook listener; BankConnect is down."""
    port = free_port()
    files = {
        "api-key": "key\n",
        "server-hash": "hash\n",
        "secret": SECRET + "\n",
        "bankconnectd.toml": """
upstream.base_url = "http://127.0.0.1:1"
store.path = "{0}/db"
control.socket = "{0}/control.sock"
status.dir = "{0}/status"
log.level = "error"
webhook.listen = "127.0.0.1:{1}"
webhook.path = "{2}"
webhook.secret_file = "secret"
""".format(folder, port, WEBHOOK_PATH),
    }
    command = [program, "--config", os.path.join(folder, "bankconnectd.toml")]
    for setting in settings:
        command += ["--set", setting]
    return Server("webhook listener", folder, files, command, port)


def nginx(folder):
    port = free_port()
    echo = "/usr/lib/nginx/modules/ngx_http_echo_module.so"
    has_echo = os.path.exists(echo)
    answer = "echo_read_request_body; echo_request_body;" if has_echo else 'return 200 "OK";'
    conf = """
{load}
daemon off; pid {folder}/pid; error_log {folder}/error.log crit; worker_processes 1;
events {{ worker_connections 512; }}
http {{
  access_log off; default_type text/plain;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      if ($request_method = OPTIONS) {{ add_header Allow "{methods}"; return 204; }}
      if ($request_method = POST) {{ rewrite ^ /answer-with-the-body last; }}
      if ($request_method !~ "^(GET|HEAD)$") {{ add_header Allow "{methods}" always; return 405; }}
      return 200 "OK";
    }}
    location = /answer-with-the-body {{ internal; {answer} }}
  }}
}}
""".format(load="load_module %s;" % echo if has_echo else "", folder=folder, port=port, methods=METHODS, answer=answer)
    return Server("nginx", folder, {"nginx.conf": conf},
                  ["nginx", "-p", folder, "-e", folder + "/error.log", "-c", folder + "/nginx.conf"], port)


def haproxy(folder):
    port = free_port()
    conf = """
global
  maxconn 512
defaults
  mode http
  timeout client 30s
  timeout http-request 10s
frontend all
  bind 127.0.0.1:{port}
  option http-buffer-request
  http-request return status 204 hdr Allow "{methods}" {date} if METH_OPTIONS
  http-request return status 405 hdr Allow "{methods}" if !METH_GET !METH_POST
  http-request return status 200 content-type text/plain {date} lf-string "%[req.body]" if METH_POST
  http-request return status 200 content-type text/plain {date} string OK
""".format(port=port, methods=METHODS, date='hdr Date "%[date,http_date]"')
    return Server("HAProxy", folder, {"haproxy.cfg": conf}, ["haproxy", "-db", "-f", folder + "/haproxy.cfg"], port)


def apache(folder):
    port = free_port()
    modules = "mpm_event authz_core dir mime rewrite cgid headers alias"
    folder_of_modules = "/usr/lib/apache2/modules"
    loads = "\n".join("LoadModule %s_module %s/mod_%s.so" % (name, folder_of_modules, name) for name in modules.split())
    user = "User www-data\nGroup www-data" if os.geteuid() == 0 else ""
    conf = """
ServerRoot {folder}
ServerName localhost
PidFile {folder}/pid
ErrorLog {folder}/error.log
LogLevel crit
Listen 127.0.0.1:{port}
{loads}
{user}
TypesConfig /dev/null
ScriptSock {folder}/cgid
TraceEnable off
DocumentRoot {folder}/www
DirectoryIndex index.txt
ForceType text/plain
ScriptAlias /scripts/ {folder}/scripts/
RewriteEngine on
RewriteCond %{{REQUEST_METHOD}} =POST
RewriteRule ^ /scripts/echo [PT,L]
RewriteRule ^/ /index.txt [L]
<Directory />
  Require all granted
</Directory>
""".format(folder=folder, port=port, loads=loads, user=user)
    files = {"apache.conf": conf, "www/index.txt": "OK",
             "scripts/echo": "#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\n'\nexec cat\n"}
    return Server("Apache", folder, files, ["apache2", "-DFOREGROUND", "-f", folder + "/apache.conf"], port)


def missing():
    """The servers to compare with that are not installed."""
    os.environ["PATH"] += ":/usr/sbin"
    return [name for name in ("nginx", "haproxy", "apache2") if shutil.which(name) is None]
