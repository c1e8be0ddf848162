import { library } from '../../tsup.base';

export default library({
  entry: { bundle: 'src/bundle.ts' },
  dts: { entry: { index: 'src/index.ts', promises: 'src/promises.ts' } },
});
