import { library } from '../../tsup.base';

export default library({
  entry: { index: 'src/names.ts' },
  dts: { entry: { index: 'src/index.ts', constants: 'src/generated/constants.ts' } },
});
