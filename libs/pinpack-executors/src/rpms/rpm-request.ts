// The request for a wheel RPM.
import type { Store } from '@pinpack/build-store';
import type { WheelRpmRequest } from '@pinpack/rpm-packaging';
import type { PinWheels } from '../wheels/pin-wheels.js';

export interface RpmRequest extends Omit<WheelRpmRequest, 'wheel' | 'wheelName'> {
  root: string;
  wheels: PinWheels;
  /** Limits the number of RPMs that are packed at a time. */
  packing: <Result>(pack: () => Promise<Result>) => Promise<Result>;
  store: Store | undefined;
}
