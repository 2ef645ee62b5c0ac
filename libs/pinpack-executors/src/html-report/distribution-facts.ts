// Takes the facts of a distribution from its METADATA. Pure.
import type { Metadata } from '@pinpack/python-dist';
import { declaredLicense } from '@pinpack/rpm-packaging/sbom';
import { linksOf } from '../repository/links.js';
import type { PinData } from './page-data.js';

export type DistributionFacts = Pick<PinData, 'summary' | 'license' | 'links'>;

export function factsOfMetadata(metadata: Metadata): DistributionFacts {
  const { summary } = metadata;
  const license = declaredLicense(metadata);
  return {
    links: linksOf(metadata),
    ...(summary !== undefined && { summary: summary.replaceAll(/\s+/g, ' ') }),
    ...(license !== undefined && {
      license:
        'expression' in license
          ? { text: license.expression, isExpression: true }
          : { text: license.text.replaceAll(/\s+/g, ' '), isExpression: false },
    }),
  };
}
