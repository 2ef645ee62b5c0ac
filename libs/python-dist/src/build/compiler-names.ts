/** What a build backend calls; each says who it is. Settings of the person's own shell don't reach a build. */
export const COMPILERS = ['cc', 'c++', 'ld', 'gfortran', 'rustc'];
