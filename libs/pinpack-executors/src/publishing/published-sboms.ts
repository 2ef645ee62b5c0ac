// Makes the SBOMs of a publication, of its reqset and of its applications, with their signatures.
import { DEFAULT_MTIME } from '@pinpack/rpm-gen';
import { publishedBytes, type PublishedFile } from '@pinpack/publication';
import type { Lock } from '@pinpack/python-dist';
import { applicationProject, setLabel } from '@pinpack/rpm-packaging';
import {
  billOfApplication,
  billOfPublication,
  billOfReqset,
  formatNotice,
  type Bill,
  type Distributions,
} from '@pinpack/rpm-packaging/sbom';
import type { Signer } from '@pinpack/rpm-repo';
import type { PublishableRpm } from '../repository/read-packages.js';
import { formatSboms } from '../sbom/make-sbom.js';

export interface PublishedSbomsRequest {
  set: string;
  lock: Lock;
  distributions: Distributions;
  signer: Signer | undefined;
  packages: readonly PublishableRpm[];
}

/** `sbom/publication.cdx.json`, `sbom/<project>.spdx.json`, … Each has a detached OpenPGP signature, `….asc`, if there is a key. */
export async function makePublishedSboms(request: PublishedSbomsRequest): Promise<PublishedFile[]> {
  const { set, lock, distributions, signer, packages } = request;
  const whole = { set, lock, distributions };
  const reqset = billOfReqset(whole);
  const rpms = packages.map(({ pin, ...rpm }) => ({ ...rpm, ...(pin !== undefined && { pin: pin.name }) }));
  const bills: [string, Bill][] = [
    ['publication', billOfPublication(reqset, rpms)],
    [setLabel(set), reqset],
    ...lock.applications.map(({ name }): [string, Bill] => [
      applicationProject(set, name),
      billOfApplication(whole, name),
    ]),
  ];
  const texts = bills.flatMap(([name, bill]): [string, string][] => {
    const { cyclonedx, spdx } = formatSboms(bill, DEFAULT_MTIME);
    return [
      [`sbom/${name}.cdx.json`, cyclonedx],
      [`sbom/${name}.spdx.json`, spdx],
    ];
  });
  const notice: [string, string] = [
    `sbom/${setLabel(set)}.NOTICE.txt`,
    formatNotice(setLabel(set), [...distributions.values()]),
  ];
  const files = [...texts, notice].map(async ([path, text]) => {
    const file = publishedBytes(path, text);
    return signer === undefined
      ? [file]
      : [file, publishedBytes(`${path}.asc`, await signer.signArmored(Buffer.from(text)))];
  });
  return (await Promise.all(files)).flat();
}
