// Container images of applications: what determines their bytes.
export { makeImage, type ImageRequest, type MadeImage } from '../image/make-image.js';
