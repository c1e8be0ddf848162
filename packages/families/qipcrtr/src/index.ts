// The family is exported here.
export {};
