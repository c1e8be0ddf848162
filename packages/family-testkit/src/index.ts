// The suite is exported here.
export {};
