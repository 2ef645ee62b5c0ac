/** The Nx plugin `pinpack`: pinned Python requirement sets as delta-friendly RPMs. */
export { createDependencies } from './graph/create-dependencies.js';
export { createNodes, createNodesV2 } from './graph/create-nodes.js';
export { postTasksExecution, preTasksExecution } from './remote-cache/hooks.js';
