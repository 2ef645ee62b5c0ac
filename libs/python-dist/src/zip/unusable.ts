/** The next step of messages about published wheels that cannot be used. */
export const UNUSABLE =
  'Pin another version, or build it from source: "build": {"<name>": {"from": "sdist"}} in reqset.json.';

/** The next step where the zip is damaged: the download, or the published file itself. */
export const DAMAGED =
  'Download or build the wheel again. If the error remains, the wheel was published like this: pin another version.';
