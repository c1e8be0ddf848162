import { library } from '../../tsup.base';

export default library({
  entry: { index: 'src/index.ts', promises: 'src/promises.ts' },
  // What both export is the same.
  external: ['./index'],
});
