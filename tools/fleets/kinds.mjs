// What the matrix installs. A kind that is added to KINDS is run on every server.

const LIBRARIES = ['matrix-wheel-six', 'matrix-wheel-charset-normalizer'];
const TREES = '/usr/lib/pinpack/matrix';
const PRINT =
  'import six, charset_normalizer as c; print(six.__version__, c.__version__, c.md.__file__.endswith(".so"))';
const MAIN = `def main():\n    ${PRINT.replace('; ', '\n    ')}\n`;

/** A server on the socket of systemd that answers with the versions it has loaded, and a migration that counts its runs. */
const SERVICE = `import http.server
import os
import socket
import sys

import charset_normalizer
import six

LOADED = "{} {} {}\\n".format(six.__version__, charset_normalizer.__version__, charset_normalizer.md.__file__.endswith(".so"))


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(LOADED.encode())

    def log_message(self, *words):
        pass


def main():
    if sys.argv[1:] == ["migrate"]:
        if os.path.exists("/var/lib/my-service/obstacle"):
            sys.exit("no such table")
        with open(os.path.join(os.environ["STATE_DIRECTORY"], "migrated"), "a") as file:
            file.write(LOADED)
        return
    assert os.environ["GREETING"] == "hello", "no environment file"
    server = http.server.HTTPServer(("", 0), Handler, bind_and_activate=False)
    server.socket = socket.socket(fileno=3)
    server.serve_forever()
`;
const JOB = `import os\n\n\n${MAIN.replace('print(', 'file = open(os.path.join(os.environ["STATE_DIRECTORY"], "last"), "w")\n    print(').replace(/\)\n$/, ', file=file)\n')}`;
const ASK =
  'import socket; s = socket.socket(socket.AF_UNIX); s.connect("/run/matrix.sock"); s.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n"); print(s.makefile().read().split("\\n\\n")[1].strip())';
const active = (...units) => units.map((unit) => `test "$(systemctl is-active ${unit})" = active`).join(' && ');

/**
 * `start` is what an administrator runs after the installation; `check` prints the versions; `@PYTHON@` is the reqset's Python. `units` must be known to systemd until the removal.
 * `obstacle` makes its migration fail.
 *
 * @type {Kind[]}
 */
export const KINDS = [
  {
    name: 'wheels',
    install: LIBRARIES,
    check: `PYTHONPATH=${TREES}/six:${TREES}/charset-normalizer @PYTHON@ -B -c '${PRINT}'`,
  },
  {
    name: 'wheelhouse',
    install: [...LIBRARIES, 'pinpack-wheelhouse'],
    check:
      'ls /var/lib/pinpack/matrix/wheelhouse | sed -En "s/^(six|charset_normalizer)-([0-9.]+)-.*/\\2/p" | sort -r | paste -sd" " | sed "s/^\\(3\\S*\\) \\(1\\S*\\)$/\\2 \\1 True/"',
  },
  {
    name: 'cli',
    install: ['matrix-my-cli'],
    application: { code: MAIN, settings: ['scripts = ["my-cli"]'] },
    check: '/usr/bin/my-cli',
  },
  {
    name: 'library',
    install: ['matrix-my-library'],
    application: { code: MAIN, settings: [] },
    check: `/opt/matrix-my-library/venv/bin/python -c 'import my_library; my_library.main()'`,
  },
  {
    name: 'service',
    install: ['matrix-my-service'],
    application: {
      code: SERVICE,
      settings: [
        'user = "my-service"',
        'tmpfiles = ["d /run/my-service 0750 my-service my-service -"]',
        '[tool.pinpack.systemd]',
        'exec = "my-service"',
        'socket = { listen = ["/run/matrix.sock"] }',
        'environment-file = "service.env"',
        'state-directory = "my-service"',
        'migrate = "my-service migrate"',
      ],
      files: { 'service.env': 'GREETING=hello\n' },
    },
    start: 'systemctl enable --now matrix-my-service',
    obstacle: { put: 'touch /var/lib/my-service/obstacle', remove: 'rm /var/lib/my-service/obstacle' },
    units: ['matrix-my-service.service', 'matrix-my-service.socket'],
    // The version that answers is the one that migrated last.
    check: `${active('matrix-my-service.socket')} && test "$(stat -c %U /run/my-service)" = my-service && @PYTHON@ -B -c '${ASK}' && ${active('matrix-my-service.service')} && @PYTHON@ -B -c '${ASK}' > /tmp/answer && tail -n 1 /var/lib/my-service/migrated | cmp - /tmp/answer`,
  },
  {
    name: 'job',
    install: ['matrix-my-job'],
    application: {
      code: JOB,
      settings: [
        'user = "my-job"',
        '[tool.pinpack.systemd]',
        'exec = "my-job"',
        'timer = { calendar = "daily", random-delay = "15min" }',
        'state-directory = "my-job"',
      ],
    },
    start: 'systemctl enable --now matrix-my-job.timer',
    units: ['matrix-my-job.timer', 'matrix-my-job.service'],
    check: `${active('matrix-my-job.timer')} && systemctl start matrix-my-job.service && cat /var/lib/my-job/last`,
  },
];

/** What a kind prints of a release. @param {string[]} pins */
export function printed(pins) {
  return `${pins.map((pin) => pin.split('==')[1]).join(' ')} True`;
}

/** @typedef {{ code: string, settings: string[], files?: Record<string, string> }} Application */
/** @typedef {{ name: string, install: string[], check: string, start?: string, obstacle?: { put: string, remove: string }, units?: string[], application?: Application }} Kind */
