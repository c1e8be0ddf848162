import { library } from '../../../tsup.base';

export default library({
  entry: { index: 'src/bundle.ts' },
  dts: { entry: { index: 'src/index.ts', promises: 'src/promises/index.ts' } },
});
