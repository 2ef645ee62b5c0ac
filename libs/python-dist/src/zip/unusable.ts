/** The next step of messages about published wheels that cannot be used. */
export const UNUSABLE =
  'Pin another version, or build it from source: "build": {"<name>": {"from": "sdist"}} in reqset.json.';
