// One bundle holds both faces, so that they share their classes: `promises` is a namespace of it.
export * from './index';
export * as promises from './promises';
