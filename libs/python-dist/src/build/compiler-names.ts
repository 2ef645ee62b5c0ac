/** Compilers that build backends call by these names. Variables such as CC in the user's shell do not reach a build. */
export const COMPILERS = ['cc', 'c++', 'ld', 'gfortran', 'rustc'];
