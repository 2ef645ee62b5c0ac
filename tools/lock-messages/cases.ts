// Inputs of `lock`, each with the messages that it ends with on docs/lock-messages.md. `index.example` in a variable stands for the index of the case.
import { encodeSdist, encodeTar, sdistWithBackend } from '../../libs/python-dist/src/build/sdist.fixture.js';
import type { Offered } from '../../libs/python-dist/src/resolve/index-server.fixture.js';

export interface MessageCase {
  title: string;
  /** requirements.txt, unless `files` has it. */
  requirements?: string;
  /** Other files of the workspace: text by path. */
  files?: Record<string, string | Buffer>;
  /** Wheels on the index. */
  wheels?: (string | Offered)[];
  /** Sdists on the index, by file name. */
  sdists?: Record<string, Buffer>;
  /** Options of `lock`. */
  options?: Record<string, string | boolean>;
  /** Environment variables. */
  environment?: Record<string, string>;
  /** What the index answers instead of its pages: a status, a text, silence, or more bytes than allowed. */
  answer?: { status: number } | { text: string } | 'silence';
  hasNoUv?: boolean;
  /** Whether `lock` succeeds: then its notes and warnings are the subject. */
  succeeds?: boolean;
}

export interface MessageGroup {
  title: string;
  cases: MessageCase[];
}

const PURE = 'py3-none-any.whl';
const LINUX = 'cp311-cp311-manylinux_2_28_x86_64.whl';
const NEWER = 'cp311-cp311-manylinux_2_34_x86_64.whl';

function reqset(settings: object): Record<string, string> {
  return { 'reqsets/demo/reqset.json': JSON.stringify({ python: '3.11.2', ...settings }, null, 2) };
}

function pluginLimits(limits: object): Record<string, string> {
  return {
    'nx.json': JSON.stringify({ plugins: [{ plugin: 'pinpack', options: { limits } }] }),
  };
}

const conflicts: MessageGroup = {
  title: 'Requirements without a solution',
  cases: [
    {
      title: 'Two lines exclude each other',
      requirements: 'numpy==2.4.6\nnumpy<2\n',
      wheels: [`numpy-2.4.6-${LINUX}`, `numpy-1.26.4-${LINUX}`],
    },
    {
      title: 'A pin excludes the dependency of another',
      requirements: 'pandas==2.3.0\nnumpy==1.25.0\n',
      wheels: [
        { fileName: `pandas-2.3.0-${LINUX}`, requires: ['numpy>=1.26'] },
        ...['1.25.0', '1.26.4'].map((version) => `numpy-${version}-${LINUX}`),
      ],
    },
    {
      title: 'A constraint excludes what a pin needs',
      requirements: 'requests==2.32.5\n',
      files: { 'reqsets/demo/constraints.txt': 'urllib3<1.21\n' },
      wheels: [
        { fileName: `requests-2.32.5-${PURE}`, requires: ['urllib3>=1.21.1,<3'] },
        ...['1.20', '2.6.3'].map((version) => `urllib3-${version}-${PURE}`),
      ],
    },
    {
      title: 'Lines for another Python are not blamed',
      requirements: 'six==1.16.0; python_version < "3.8"\nsix==1.17.0; python_version >= "3.8"\ndemo==1.0\n',
      wheels: [
        { fileName: `demo-1.0-${PURE}`, requires: ['six<1.17'] },
        ...['1.16.0', '1.17.0'].map((version) => `six-${version}-${PURE}`),
      ],
    },
  ],
};

const missing: MessageGroup = {
  title: 'Files that the index does not have',
  cases: [
    { title: 'No such distribution', requirements: 'numpi==2.4.6\n', wheels: [`numpy-2.4.6-${LINUX}`] },
    { title: 'No such version', requirements: 'numpy==2.4.7\n', wheels: [`numpy-2.4.6-${LINUX}`] },
    {
      title: 'Wheels for newer systems only',
      requirements: 'numpy==2.4.6\n',
      wheels: [`numpy-2.4.6-${NEWER}`, `numpy-2.4.5-${LINUX}`],
    },
    {
      title: 'Wheels for other Pythons only',
      requirements: 'numpy==1.19.4\n',
      wheels: ['numpy-1.19.4-cp38-cp38-manylinux2014_x86_64.whl', `numpy-2.4.6-${LINUX}`],
    },
    {
      title: 'Wheels for other systems, and an sdist',
      requirements: 'psycopg2==2.9.9\n',
      wheels: ['psycopg2-2.9.9-cp311-cp311-win_amd64.whl'],
      sdists: { 'psycopg2-2.9.9.tar.gz': sdistWithBackend('psycopg2', '2.9.9') },
    },
    {
      title: 'No file with the given hash',
      requirements: `six==1.17.0 --hash=sha256:${'0'.repeat(64)}\n`,
      wheels: [`six-1.17.0-${PURE}`],
    },
    {
      title: 'Nothing was uploaded before the date',
      requirements: 'six\n',
      wheels: [{ fileName: `six-1.17.0-${PURE}`, uploaded: '2026-05-01T00:00:00Z' }],
      options: { excludeNewer: '2026-03-31' },
    },
  ],
};

const files: MessageGroup = {
  title: 'Invalid files',
  cases: [
    { title: 'No requirements.txt', files: { 'reqsets/demo/reqset.json': '{}' } },
    { title: 'Lines that are no requirements', requirements: 'numpy=2.4.6\nscipy>>1\n' },
    { title: 'Options', requirements: '--index-url https://user:secret@index.example/simple\n-r other.txt\nsix\n' },
    { title: 'A path', requirements: './wheels/demo-1.0-py3-none-any.whl\n' },
    { title: 'An editable project', requirements: '-e .\n' },
    { title: 'A URL', requirements: 'demo @ http://127.0.0.1:9/demo-1.0-py3-none-any.whl\n' },
    { title: 'A URL of version control', requirements: 'demo @ git+http://127.0.0.1:9/demo.git\n' },
    {
      title: 'Another encoding than UTF-8',
      files: { 'reqsets/demo/requirements.txt': Buffer.from('six==1.17.0 # café\n', 'latin1') },
    },
    { title: 'Settings that do not exist', requirements: 'six\n', files: reqset({ pyhton: '3.11.2', layout: 'flat' }) },
    {
      title: 'Settings that are not JSON',
      requirements: 'six\n',
      files: { 'reqsets/demo/reqset.json': '{"python": }' },
    },
    {
      title: 'An application with an invalid pyproject.toml',
      requirements: 'six\n',
      files: { 'apps/shop/pyproject.toml': '[project\n' },
    },
    {
      title: 'A build setting for what is no pin',
      requirements: 'six==1.17.0\n',
      files: reqset({ build: { sixx: { from: 'sdist' } } }),
      wheels: [`six-1.17.0-${PURE}`],
    },
    {
      title: 'A wheel of the workspace that is missing',
      requirements: 'six==1.17.0\n',
      files: reqset({ build: { six: { wheel: 'wheels/six-1.17.0-py3-none-any.whl' } } }),
      wheels: [`six-1.17.0-${PURE}`],
    },
  ],
};

const targets: MessageGroup = {
  title: 'Pythons and options',
  cases: [
    { title: 'A Python that does not exist', requirements: 'six\n', files: reqset({ python: '3.99.0' }) },
    {
      title: 'A patch version that uv does not know',
      requirements: 'six\n',
      files: reqset({ python: '3.8.99' }),
      wheels: [`six-1.17.0-${PURE}`],
      succeeds: true,
    },
    {
      title: 'Python 2 without a complete lock',
      requirements: 'six\n',
      files: reqset({ python: '2.7.18' }),
      wheels: ['six-1.17.0-py2.py3-none-any.whl'],
    },
    { title: 'Options with mistakes', requirements: 'six\n', options: { upgrade: 'numpi', excludeNewer: 'yesterday' } },
    { title: 'A lock of another tool that is missing', requirements: 'six\n', options: { from: '../service/uv.lock' } },
    {
      title: 'A lock of another tool without a pin that is needed',
      requirements: 'requests\n',
      files: { 'other.txt': 'requests==2.32.5\n' },
      wheels: [{ fileName: `requests-2.32.5-${PURE}`, requires: ['urllib3>=1.21.1,<3'] }],
      options: { from: 'other.txt' },
    },
    {
      title: 'A lock of another tool whose pins do not fit together',
      requirements: 'requests\n',
      files: { 'other.txt': 'requests==2.32.5\nurllib3==3.0\n' },
      wheels: [{ fileName: `requests-2.32.5-${PURE}`, requires: ['urllib3>=1.21.1,<3'] }, `urllib3-3.0-${PURE}`],
      options: { from: 'other.txt' },
    },
    { title: 'No uv', requirements: 'six\n', environment: { PATH: '/nonexistent' }, hasNoUv: true },
    { title: 'No Python', requirements: 'six\n', environment: { PATH: '/nonexistent' } },
  ],
};

const indexes: MessageGroup = {
  title: 'The index',
  cases: [
    { title: 'Forbidden', requirements: 'six\n', answer: { status: 403 } },
    { title: 'Not a simple index', requirements: 'six\n', answer: { text: '{"info": {}}' } },
    { title: 'Too slow', requirements: 'six\n', files: pluginLimits({ pageSeconds: 1 }), answer: 'silence' },
    {
      title: 'Too large',
      requirements: 'six\n',
      files: pluginLimits({ pageMiB: 0.0001 }),
      wheels: [`six-1.17.0-${PURE}`],
    },
    {
      title: 'Not running',
      requirements: 'six\n',
      environment: { UV_DEFAULT_INDEX: 'http://user:secret@127.0.0.1:9/simple' },
    },
    {
      title: 'A distribution on two indexes',
      requirements: 'six\n',
      wheels: [`six-1.17.0-${PURE}`],
      environment: { UV_INDEX: 'internal=index.example/simple' },
    },
    {
      title: 'An index that this machine does not know',
      requirements: 'acme-tools==1.0\n',
      files: reqset({ index: { 'acme-*': 'internal' } }),
      wheels: [`acme_tools-1.0-${PURE}`],
    },
    {
      title: 'METADATA that cannot be read',
      requirements: 'demo==1.0\n',
      wheels: [{ fileName: `demo-1.0-${PURE}`, requires: ['six (>'] }],
    },
    {
      title: 'A damaged wheel',
      requirements: 'demo==1.0\n',
      wheels: [{ fileName: `demo-1.0-${PURE}`, metadata: false, declaredCount: 77 }],
    },
  ],
};

const sources: MessageGroup = {
  title: 'Builds from source',
  cases: [
    {
      title: 'A build backend that fails',
      requirements: 'demo==1.0\n',
      sdists: {
        'demo-1.0.tar.gz': sdistWithBackend('demo', '1.0', { prepare: 'raise RuntimeError("pg_config is missing")' }),
      },
    },
    {
      title: 'An sdist without pyproject.toml and setup.py',
      requirements: 'demo==1.0\n',
      sdists: { 'demo-1.0.tar.gz': encodeSdist('demo', '1.0', { 'readme.txt': '' }) },
    },
    {
      title: 'An sdist with a path that leaves its folder',
      requirements: 'demo==1.0\n',
      sdists: { 'demo-1.0.tar.gz': encodeTar([{ path: '../demo/setup.py', data: '' }]) },
    },
    {
      title: 'Build requirements that the index does not have',
      requirements: 'demo==1.0\n',
      sdists: {
        'demo-1.0.tar.gz': encodeSdist('demo', '1.0', {
          'pyproject.toml': '[build-system]\nrequires = ["nosuch-backend"]\nbuild-backend = "nosuch"\n',
        }),
      },
    },
  ],
};

const notes: MessageGroup = {
  title: 'Notes and warnings',
  cases: [
    { title: 'A first lock', requirements: 'six==1.17.0\n', wheels: [`six-1.17.0-${PURE}`], succeeds: true },
    {
      title: 'A yanked pin',
      requirements: 'six==1.17.0\n',
      wheels: [{ fileName: `six-1.17.0-${PURE}`, yanked: 'breaks Python 3.12' }],
      succeeds: true,
    },
    {
      title: 'An imported lock with more pins than needed',
      requirements: 'six\n',
      files: { 'other.txt': 'six==1.17.0\ncolorama==0.4.6\n' },
      wheels: [`six-1.17.0-${PURE}`, `colorama-0.4.6-${PURE}`],
      options: { from: 'other.txt' },
      succeeds: true,
    },
    {
      title: 'A pin that has to be built',
      requirements: 'demo==1.0\n',
      sdists: { 'demo-1.0.tar.gz': sdistWithBackend('demo', '1.0') },
      succeeds: true,
    },
    {
      title: 'The layout that a later release removes',
      requirements: 'six==1.17.0\n',
      files: { 'reqsets/demo/reqset.json': '{"python": "3.11.2", "layout": "stored"}' },
      wheels: [`six-1.17.0-${PURE}`],
      succeeds: true,
    },
  ],
};

export const GROUPS: readonly MessageGroup[] = [conflicts, missing, files, targets, indexes, sources, notes];
