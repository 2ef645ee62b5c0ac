// Wheels built from source: what determines their bytes.
export { BuildEnvironments, buildWheel } from '@pinpack/python-dist';
