// CQL text to ELM, with the translator of the CQL project (@cqframework/cql, the
// reference implementation compiled to JavaScript). Units are checked by the
// UCUM library of the US National Library of Medicine.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/// A function from text to `{ elm, errors, warnings }`, from the programs in `place`.
export async function translator(place) {
  const require = createRequire(join(place, 'package.json'));
  const load = (name) => import(pathToFileURL(require.resolve(name)));
  const { SystemModelInfoProvider } = await load('@cqframework/cql/cql');
  const { CqlTranslator, CqlCompilerOptions, LibraryManager, ModelManager, createUcumService } =
    await load('@cqframework/cql/cql-to-elm');
  const ucum = require('@lhncbc/ucum-lhc').UcumLhcUtils.getInstance();
  const refuse = () => {
    throw new Error('the library converts no unit');
  };
  const fault = (unit) => {
    const found = ucum.validateUnitString(unit);
    return found.status === 'valid' ? null : `${unit} is not a UCUM unit`;
  };
  const units = createUcumService(refuse, fault, refuse, refuse);
  return (text) => {
    const models = new ModelManager();
    models.modelInfoLoader.registerModelInfoProvider(new SystemModelInfoProvider());
    const { DisableListDemotion, DisableListPromotion } = CqlCompilerOptions.Options;
    const options = new CqlCompilerOptions();
    // No annotations and no places: half the bytes, the same meaning.
    options.setOptions([DisableListDemotion, DisableListPromotion]);
    const libraries = new LibraryManager(models, options, undefined, units);
    const elm = JSON.parse(CqlTranslator.fromText(text, libraries).toJson());
    const told = elm.library.annotation.filter((note) => note.type === 'CqlToElmError');
    const line = (note) => `line ${note.startLine}: ${note.message}`;
    return {
      elm,
      errors: told.filter((note) => note.errorSeverity === 'error').map(line),
      warnings: told.filter((note) => note.errorSeverity !== 'error').map(line),
    };
  };
}
