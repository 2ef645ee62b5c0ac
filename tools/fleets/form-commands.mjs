// How other programs pack, install and start the application of forms.mjs. The folder /build has `wheels` of the application, `programs` and, for conda-pack, a Python in `env`.

export const PINS = ['numpy==2.2.6', 'scipy==1.17.1'];
export const KIT = ['pip', 'setuptools', 'pyinstaller', 'shiv', 'conda-pack'];
/** Where an archive is unpacked. */
export const TARGET = '/opt/report';

const pip = (python, words) =>
  `${python} $(echo /build/kit/pip-*.whl)/pip install --quiet --no-index --find-links /build/wheels ${words} report`;
const SCRIPT = `printf 'import report\\nreport.main()\\n' > /build/start.py`;
const pyinstaller = (option) => [
  pip('python3', '--target /build/site'),
  `cd /build && PYTHONPATH=/build/programs:/build/site python3 -m PyInstaller --log-level ERROR --noconfirm ${option} --name report start.py`,
];

/** @type {Form[]} */
export const FORMS = [
  {
    name: 'conda-pack of the own Python, with bytecode',
    artifact: 'report.tar.gz',
    needsPython: true,
    // Packages of conda contain bytecode.
    prepare: [
      'mkdir /build/env/conda-meta && touch /build/env/conda-meta/history && ln -sf python3.13 /build/env/bin/python',
      '/build/env/bin/python -m compileall -q /build/env/lib',
    ].join('\n'),
    build: [
      pip('/build/env/bin/python', ''),
      'PYTHONPATH=/build/programs python3 -m conda_pack.cli -p /build/env -o /build/out/report.tar.gz --ignore-missing-files -q',
    ].join('\n'),
    install: `mkdir ${TARGET} && tar -xzf /root/report.tar.gz -C ${TARGET} && ${TARGET}/bin/python ${TARGET}/bin/conda-unpack`,
    // Its scripts start `/usr/bin/env python`: activating the environment puts that on PATH.
    start: `PATH=${TARGET}/bin:$PATH report`,
  },
  {
    name: "PyInstaller, folder with the system's Python",
    artifact: 'report.tar.gz',
    prepare: SCRIPT,
    build: [...pyinstaller('--onedir'), 'tar -czf /build/out/report.tar.gz -C /build/dist report'].join('\n'),
    install: `tar -xzf /root/report.tar.gz -C /opt`,
    start: `${TARGET}/report`,
  },
  {
    name: "PyInstaller, one file with the system's Python",
    artifact: 'report',
    prepare: SCRIPT,
    build: [...pyinstaller('--onefile'), 'cp /build/dist/report /build/out/report'].join('\n'),
    install: `install -m 755 /root/report ${TARGET}`,
    start: TARGET,
  },
  {
    name: "shiv, for the system's Python",
    artifact: 'report.pyz',
    build:
      'PYTHONPATH=/build/programs python3 -m shiv.cli --console-script report --output-file /build/out/report.pyz --no-index --find-links /build/wheels report',
    install: `install -m 755 /root/report.pyz ${TARGET}`,
    start: `python3 ${TARGET}`,
    paths: `${TARGET} /root/.shiv`,
  },
];

/** @typedef {{ name: string, artifact: string, needsPython?: true, prepare?: string, build: string, install: string, start: string, paths?: string }} Form */
