/** Names, numbers and types of the header tags that pinpack writes or reads (rpm.org, "RPM V4 header tags"). */
/** `program`: one string, or a list where there are more. */
export type TagType = 'int16' | 'int32' | 'int64' | 'string' | 'bytes' | 'strings' | 'i18n' | 'translated' | 'program';

export type TagTable = Readonly<Record<string, readonly [tag: number, type: TagType]>>;

interface ValueOf {
  int16: number[];
  int32: number[];
  int64: number[];
  string: string;
  bytes: Uint8Array;
  strings: string[];
  /** The untranslated text. */
  i18n: string;
  /** The untranslated text, then those of the languages of HEADERI18NTABLE. */
  translated: string[];
  program: string[];
}

/** Values by tag name; numbers are always arrays, as in the file. */
export type TagValues<T extends TagTable> = { -readonly [Name in keyof T]?: ValueOf[T[Name][1]] | undefined };

export const SIGNATURE_TAGS = {
  DSAHEADER: [267, 'bytes'],
  RSAHEADER: [268, 'bytes'],
  SHA1: [269, 'string'],
  LONGSIZE: [270, 'int64'],
  LONGARCHIVESIZE: [271, 'int64'],
  SHA256: [273, 'string'],
  FILESIGNATURES: [274, 'strings'],
  FILESIGNATURELENGTH: [275, 'int32'],
  OPENPGP: [278, 'strings'],
  SHA3_256: [279, 'string'],
  RESERVED: [999, 'bytes'],
  SIZE: [1000, 'int32'],
  MD5: [1004, 'bytes'],
  PAYLOADSIZE: [1007, 'int32'],
  RESERVEDSPACE: [1008, 'bytes'],
} as const satisfies TagTable;

export const HEADER_TAGS = {
  HEADERI18NTABLE: [100, 'strings'],
  NAME: [1000, 'string'],
  VERSION: [1001, 'string'],
  RELEASE: [1002, 'string'],
  EPOCH: [1003, 'int32'],
  SUMMARY: [1004, 'i18n'],
  DESCRIPTION: [1005, 'i18n'],
  BUILDTIME: [1006, 'int32'],
  BUILDHOST: [1007, 'string'],
  SIZE: [1009, 'int32'],
  VENDOR: [1011, 'string'],
  LICENSE: [1014, 'string'],
  PACKAGER: [1015, 'string'],
  GROUP: [1016, 'i18n'],
  SOURCE: [1018, 'strings'],
  PATCH: [1019, 'strings'],
  URL: [1020, 'string'],
  OS: [1021, 'string'],
  ARCH: [1022, 'string'],
  PREIN: [1023, 'string'],
  POSTIN: [1024, 'string'],
  PREUN: [1025, 'string'],
  POSTUN: [1026, 'string'],
  FILESIZES: [1028, 'int32'],
  FILEMODES: [1030, 'int16'],
  FILERDEVS: [1033, 'int16'],
  FILEMTIMES: [1034, 'int32'],
  FILEDIGESTS: [1035, 'strings'],
  FILELINKTOS: [1036, 'strings'],
  FILEFLAGS: [1037, 'int32'],
  FILEUSERNAME: [1039, 'strings'],
  FILEGROUPNAME: [1040, 'strings'],
  SOURCERPM: [1044, 'string'],
  FILEVERIFYFLAGS: [1045, 'int32'],
  PROVIDENAME: [1047, 'strings'],
  REQUIREFLAGS: [1048, 'int32'],
  REQUIRENAME: [1049, 'strings'],
  REQUIREVERSION: [1050, 'strings'],
  EXCLUDEARCH: [1059, 'strings'],
  EXCLUSIVEARCH: [1061, 'strings'],
  CONFLICTFLAGS: [1053, 'int32'],
  CONFLICTNAME: [1054, 'strings'],
  CONFLICTVERSION: [1055, 'strings'],
  VERIFYSCRIPT: [1079, 'string'],
  CHANGELOGTIME: [1080, 'int32'],
  CHANGELOGNAME: [1081, 'strings'],
  CHANGELOGTEXT: [1082, 'strings'],
  PREINPROG: [1085, 'program'],
  POSTINPROG: [1086, 'program'],
  PREUNPROG: [1087, 'program'],
  POSTUNPROG: [1088, 'program'],
  TRIGGERSCRIPTS: [1065, 'strings'],
  TRIGGERNAME: [1066, 'strings'],
  TRIGGERVERSION: [1067, 'strings'],
  TRIGGERFLAGS: [1068, 'int32'],
  TRIGGERINDEX: [1069, 'int32'],
  BUILDARCHS: [1089, 'strings'],
  OBSOLETENAME: [1090, 'strings'],
  VERIFYSCRIPTPROG: [1091, 'program'],
  TRIGGERSCRIPTPROG: [1092, 'strings'],
  FILEDEVICES: [1095, 'int32'],
  FILEINODES: [1096, 'int32'],
  FILELANGS: [1097, 'strings'],
  SOURCEPACKAGE: [1106, 'int32'],
  PROVIDEFLAGS: [1112, 'int32'],
  PROVIDEVERSION: [1113, 'strings'],
  OBSOLETEFLAGS: [1114, 'int32'],
  OBSOLETEVERSION: [1115, 'strings'],
  DIRINDEXES: [1116, 'int32'],
  BASENAMES: [1117, 'strings'],
  DIRNAMES: [1118, 'strings'],
  FILECOLORS: [1140, 'int32'],
  FILECLASS: [1141, 'int32'],
  CLASSDICT: [1142, 'strings'],
  PAYLOADFORMAT: [1124, 'string'],
  PAYLOADCOMPRESSOR: [1125, 'string'],
  PAYLOADFLAGS: [1126, 'string'],
  PRETRANS: [1151, 'string'],
  POSTTRANS: [1152, 'string'],
  PRETRANSPROG: [1153, 'program'],
  POSTTRANSPROG: [1154, 'program'],
  LONGFILESIZES: [5008, 'int64'],
  LONGSIZE: [5009, 'int64'],
  FILECAPS: [5010, 'strings'],
  FILEDIGESTALGO: [5011, 'int32'],
  PREINFLAGS: [5020, 'int32'],
  POSTINFLAGS: [5021, 'int32'],
  PREUNFLAGS: [5022, 'int32'],
  POSTUNFLAGS: [5023, 'int32'],
  PRETRANSFLAGS: [5024, 'int32'],
  POSTTRANSFLAGS: [5025, 'int32'],
  VERIFYSCRIPTFLAGS: [5026, 'int32'],
  TRIGGERSCRIPTFLAGS: [5027, 'int32'],
  RECOMMENDNAME: [5046, 'strings'],
  RECOMMENDVERSION: [5047, 'strings'],
  RECOMMENDFLAGS: [5048, 'int32'],
  SUGGESTNAME: [5049, 'strings'],
  SUGGESTVERSION: [5050, 'strings'],
  SUGGESTFLAGS: [5051, 'int32'],
  SUPPLEMENTNAME: [5052, 'strings'],
  SUPPLEMENTVERSION: [5053, 'strings'],
  SUPPLEMENTFLAGS: [5054, 'int32'],
  ENHANCENAME: [5055, 'strings'],
  ENHANCEVERSION: [5056, 'strings'],
  ENHANCEFLAGS: [5057, 'int32'],
  ENCODING: [5062, 'string'],
  FILETRIGGERSCRIPTS: [5066, 'strings'],
  FILETRIGGERSCRIPTPROG: [5067, 'strings'],
  FILETRIGGERSCRIPTFLAGS: [5068, 'int32'],
  FILETRIGGERNAME: [5069, 'strings'],
  FILETRIGGERINDEX: [5070, 'int32'],
  FILETRIGGERVERSION: [5071, 'strings'],
  FILETRIGGERFLAGS: [5072, 'int32'],
  TRANSFILETRIGGERSCRIPTS: [5076, 'strings'],
  TRANSFILETRIGGERSCRIPTPROG: [5077, 'strings'],
  TRANSFILETRIGGERSCRIPTFLAGS: [5078, 'int32'],
  TRANSFILETRIGGERNAME: [5079, 'strings'],
  TRANSFILETRIGGERINDEX: [5080, 'int32'],
  TRANSFILETRIGGERVERSION: [5081, 'strings'],
  TRANSFILETRIGGERFLAGS: [5082, 'int32'],
  FILETRIGGERPRIORITIES: [5084, 'int32'],
  TRANSFILETRIGGERPRIORITIES: [5085, 'int32'],
  PAYLOADDIGEST: [5092, 'strings'],
  PAYLOADDIGESTALGO: [5093, 'int32'],
  PAYLOADDIGESTALT: [5097, 'strings'],
  PREUNTRANS: [5103, 'string'],
  POSTUNTRANS: [5104, 'string'],
  PREUNTRANSPROG: [5105, 'program'],
  POSTUNTRANSPROG: [5106, 'program'],
  PREUNTRANSFLAGS: [5107, 'int32'],
  POSTUNTRANSFLAGS: [5108, 'int32'],
  PAYLOADSIZE: [5112, 'int64'],
  PAYLOADSIZEALT: [5113, 'int64'],
  RPMFORMAT: [5114, 'int32'],
  FILEMIMEINDEX: [5115, 'int32'],
  MIMEDICT: [5116, 'strings'],
  SOURCENEVR: [5120, 'string'],
  PAYLOADSHA512: [5121, 'string'],
  PAYLOADSHA512ALT: [5122, 'string'],
  PAYLOADSHA3_256: [5123, 'string'],
  PAYLOADSHA3_256ALT: [5124, 'string'],
} as const satisfies TagTable;

/** The texts that have translations, with all of them. */
export const TRANSLATED_TAGS = {
  SUMMARY: [1004, 'translated'],
  DESCRIPTION: [1005, 'translated'],
  GROUP: [1016, 'translated'],
} as const satisfies TagTable;

/** What is the same in every language. */
export type UntranslatedTags = Omit<TagValues<typeof HEADER_TAGS>, keyof typeof TRANSLATED_TAGS>;

export type SignatureTags = TagValues<typeof SIGNATURE_TAGS>;
export type HeaderTags = TagValues<typeof HEADER_TAGS>;

/** A region marks which entries a signature covers. Its tag number is 62 in the signature header, 63 in the header. */
export const SIGNATURE_REGION = 62;
export const IMMUTABLE_REGION = 63;

/** OpenPGP's number of the algorithm, which the header's tags of digests use too. */
export const SHA256 = 8;
