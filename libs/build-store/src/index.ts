export { copyFileAtomically, produceAtomically, writeFileAtomically } from './atomic-file.js';
export { FolderStore, sha256OfFile, StoreError, storeFolder } from './folder-store.js';
