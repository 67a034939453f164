//! How large an expression grows once its counted repetitions are written out, known before any of it is built.
//!
//! **Invariant:** the weight is about the number of states of the built automaton (measured with regex-automata 0.4: one
//! state of the engine takes some 180 bytes in all), so that a few letters such as `((a{99}){99}){99}` cannot ask for
//! gigabytes, and the place that asks for too much is known. The build itself has a limit too, as the last word.

use regex_syntax::ast::{Ast, ClassPerlKind, ClassSet, ClassSetItem, RepetitionKind, RepetitionRange, Span};

/// Why an expression is not weighed to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    /// A repetition, or the whole, weighs more than the limit.
    Heavy(Span),
    /// A class such as `\p{Greek}`, whose tables are left out of this program. (Whether they are there would hang on the
    /// other crates that it is built with.)
    UnicodeClass(Span),
}

/// The weight of `ast`, at most `limit`. It goes as deep as the parser let the expression be nested.
pub(super) fn weigh(ast: &Ast, limit: u64) -> Result<u64, Unfit> {
    let weight = match ast {
        Ast::Empty(_) | Ast::Flags(_) => 1,
        Ast::Literal(_) | Ast::Assertion(_) => 3,
        Ast::Dot(_) => 9,
        Ast::ClassUnicode(class) => return Err(Unfit::UnicodeClass(class.span)),
        Ast::ClassPerl(class) => perl(&class.kind),
        Ast::ClassBracketed(class) => set(&class.kind)?.saturating_add(16),
        Ast::Group(group) => weigh(&group.ast, limit)?.saturating_add(2),
        Ast::Alternation(either) => sum(&either.asts, limit)?,
        Ast::Concat(row) => sum(&row.asts, limit)?,
        Ast::Repetition(repetition) => {
            let times = match &repetition.op.kind {
                RepetitionKind::ZeroOrOne | RepetitionKind::ZeroOrMore | RepetitionKind::OneOrMore => 1,
                RepetitionKind::Range(RepetitionRange::Exactly(most) | RepetitionRange::Bounded(_, most)) => *most,
                RepetitionKind::Range(RepetitionRange::AtLeast(least)) => *least,
            };
            let weight = weigh(&repetition.ast, limit)?.saturating_mul(u64::from(times.max(1))).saturating_add(1);
            if weight > limit {
                return Err(Unfit::Heavy(repetition.op.span));
            }
            weight
        }
    };
    if weight > limit { Err(Unfit::Heavy(*ast.span())) } else { Ok(weight) }
}

fn sum(asts: &[Ast], limit: u64) -> Result<u64, Unfit> {
    asts.iter().try_fold(1, |sum: u64, ast| Ok(sum.saturating_add(weigh(ast, limit)?)))
}

fn perl(kind: &ClassPerlKind) -> u64 {
    match kind {
        ClassPerlKind::Digit => 30,
        ClassPerlKind::Space => 13,
        ClassPerlKind::Word => 320,
    }
}

fn set(kind: &ClassSet) -> Result<u64, Unfit> {
    match kind {
        ClassSet::Item(item) => self::item(item),
        ClassSet::BinaryOp(two) => Ok(set(&two.lhs)?.saturating_add(set(&two.rhs)?)),
    }
}

fn item(item: &ClassSetItem) -> Result<u64, Unfit> {
    match item {
        ClassSetItem::Empty(_) => Ok(1),
        ClassSetItem::Literal(_) => Ok(3),
        ClassSetItem::Range(_) | ClassSetItem::Ascii(_) => Ok(9),
        ClassSetItem::Unicode(class) => Err(Unfit::UnicodeClass(class.span)),
        ClassSetItem::Perl(class) => Ok(perl(&class.kind)),
        ClassSetItem::Bracketed(class) => set(&class.kind),
        ClassSetItem::Union(union) => {
            union.items.iter().try_fold(0, |sum: u64, part| Ok(sum.saturating_add(self::item(part)?)))
        }
    }
}
