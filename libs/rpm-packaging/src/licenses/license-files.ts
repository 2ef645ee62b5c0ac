// Finds the licence texts of a wheel: those that METADATA lists (PEP 639), and those with a usual name, as setuptools finds them. Pure.
import type { Wheel } from '@pinpack/python-dist';

const USUAL = /(?:^|\/)[^/]+\.dist-info\/(?:licenses\/.+|[^/]*(?:LICEN[CS]E|COPYING|NOTICE)[^/]*)$/i;

export type Licensed = Pick<Wheel, 'distInfo' | 'metadata'>;

/** Whether a file is a licence text of the wheel's own distribution. */
export function isOwnLicenseFile({ distInfo, metadata }: Licensed, name: string): boolean {
  const listed = metadata.licenseFiles.some((file) =>
    [`${distInfo}/licenses/${file}`, `${distInfo}/${file}`].includes(name),
  );
  return listed || (name.startsWith(`${distInfo}/`) && USUAL.test(name));
}

/** Whether a file is a licence text of the wheel's distribution or of one that it bundles. */
export function isLicenseFile(wheel: Licensed, name: string): boolean {
  return isOwnLicenseFile(wheel, name) || USUAL.test(name);
}
