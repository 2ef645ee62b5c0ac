// SBOMs and notices: what determines their bytes.
export {
  billOfApplication,
  billOfImage,
  billOfPublication,
  billOfReqset,
  type Bill,
  type BilledRpm,
  type BillRequest,
  type Distributions,
} from '../sbom/bill.js';
export { formatCycloneDx } from '../sbom/cyclonedx.js';
export {
  declaredLicense,
  formatLicense,
  isExpression,
  licenseOfText,
  type DeclaredLicense,
} from '../licenses/declared-license.js';
export { readDistribution, type Distribution } from '../sbom/distribution.js';
export { formatNotice } from '../sbom/notice.js';
export { formatSpdx } from '../sbom/spdx.js';
