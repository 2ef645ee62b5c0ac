// Wheel RPMs: what determines their bytes.
export {
  packWheelRpm,
  type PackedRpm,
  type PackedWheelRpm,
  type WheelRpmRequest,
} from '../wheel-rpm/pack-wheel-rpm.js';
