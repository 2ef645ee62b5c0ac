// The RPMs of Pythons that sets bring along: what determines their bytes.
export { packPythonRpm, type PythonRpmRequest } from '../python-rpm/pack-python-rpm.js';
