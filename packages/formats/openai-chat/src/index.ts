export {
  compatibleDialect,
  type Dialect,
  type DialectOptions,
  type ErrorMeaning,
  openaiDialect,
  type ToolChoiceKind,
} from './dialect.ts';
