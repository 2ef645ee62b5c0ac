// The process that makes one patch: the request is its argument, the result its output.
import { makePatchHere, type MakePatchRequest } from './make-patch.js';

const request = JSON.parse(process.argv[2] ?? '') as MakePatchRequest;
process.stdout.write(JSON.stringify(await makePatchHere(request)));
