// What the package exports. The build adds the constants to what it makes of `names.ts`, as plain properties.
export * from './generated/constants';
export * from './names';
