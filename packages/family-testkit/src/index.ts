// The suite is exported here.
export * from './capability';
