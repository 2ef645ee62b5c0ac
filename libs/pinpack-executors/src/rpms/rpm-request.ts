// The request for a wheel RPM.
import type { Store } from '@pinpack/build-store';
import type { WheelRpmRequest } from '@pinpack/rpm-packaging';

export interface RpmRequest extends Omit<WheelRpmRequest, 'wheel'> {
  root: string;
  store: Store | undefined;
}
