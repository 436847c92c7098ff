//! A module prepared for interpreting: where blocks begin and what they cost, where control goes, how many words a frame takes.

use wasmparser::{
    BlockType, DataKind, ElementItems, ElementKind, ExternalKind, FuncType, Operator, Parser,
    Payload, TypeRef,
};

use super::{
    arithmetic,
    prices::{self, Counts},
};

/// A function of the module.
pub struct Function<'a> {
    /// Its type.
    pub ty: usize,
    /// Declared locals.
    pub locals: usize,
    /// Operators, with the final `end`.
    pub operators: Vec<Operator<'a>>,
    /// Ink taken before an operator: the price of its block where it begins one, else 0.
    pub charges: Vec<u64>,
    /// For `block`, `loop` and `if`, the index of their `end`; for `else`, of the `end` of its `if`.
    pub ends: Vec<usize>,
    /// For `if`, the index of its `else`.
    pub elses: Vec<Option<usize>>,
    /// Words a frame takes.
    pub frame: u64,
}

/// A module.
#[derive(Default)]
pub struct Code<'a> {
    pub types: Vec<FuncType>,
    /// Module, name and type of imports.
    pub imports: Vec<(&'a str, &'a str, usize)>,
    pub functions: Vec<Function<'a>>,
    pub globals: Vec<u64>,
    pub memory: (u64, Option<u64>),
    pub table: Vec<Option<u32>>,
    /// Active data: offset and bytes.
    pub data: Vec<(u64, &'a [u8])>,
    pub entrypoint: u32,
    pub counts: Counts,
}

impl<'a> Code<'a> {
    /// Takes apart a valid module that activation accepted.
    pub fn parse(wasm: &'a [u8]) -> wasmparser::Result<Self> {
        let mut code = Self::default();
        let mut function_types = Vec::new();
        let mut elements = Vec::new();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TypeSection(section) => {
                    code.types = section
                        .into_iter_err_on_gc_types()
                        .collect::<Result<_, _>>()?;
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        if let TypeRef::Func(ty) = import.ty {
                            code.imports.push((import.module, import.name, ty as usize));
                        }
                    }
                }
                Payload::FunctionSection(section) => {
                    function_types = section.into_iter().collect::<Result<Vec<u32>, _>>()?;
                }
                Payload::TableSection(section) => {
                    for table in section {
                        code.table = vec![None; table?.ty.initial as usize];
                    }
                }
                Payload::MemorySection(section) => {
                    for memory in section {
                        let memory = memory?;
                        code.memory = (memory.initial, memory.maximum);
                    }
                }
                Payload::GlobalSection(section) => {
                    for global in section {
                        code.globals
                            .push(constant(&global?.init_expr.get_operators_reader().read()?));
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        if export.kind == ExternalKind::Func && export.name == "user_entrypoint" {
                            code.entrypoint = export.index;
                        }
                    }
                }
                Payload::ElementSection(section) => {
                    for element in section {
                        let element = element?;
                        if let (
                            ElementKind::Active { offset_expr, .. },
                            ElementItems::Functions(items),
                        ) = (element.kind, element.items)
                        {
                            let at = constant(&offset_expr.get_operators_reader().read()?);
                            let items = items.into_iter().collect::<Result<Vec<u32>, _>>()?;
                            code.counts.elements += items.len() as u64;
                            elements.push((at as usize, items));
                        }
                    }
                }
                Payload::DataSection(section) => {
                    for data in section {
                        let data = data?;
                        code.counts.data += data.data.len() as u64;
                        if let DataKind::Active { offset_expr, .. } = data.kind {
                            let at = constant(&offset_expr.get_operators_reader().read()?);
                            code.data.push((at, data.data));
                        }
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    let ty = function_types[code.functions.len()] as usize;
                    let mut locals = 0;
                    for run in body.get_locals_reader()? {
                        locals += run?.0 as usize;
                    }
                    let operators = body
                        .get_operators_reader()?
                        .into_iter()
                        .collect::<Result<Vec<_>, _>>()?;
                    code.functions.push(Function {
                        ty,
                        locals,
                        charges: Vec::new(),
                        ends: Vec::new(),
                        elses: Vec::new(),
                        frame: 0,
                        operators,
                    });
                }
                _ => {}
            }
        }
        for (at, items) in elements {
            for (index, item) in items.into_iter().enumerate() {
                code.table[at + index] = Some(item);
            }
        }
        code.prepare(function_types.len());
        code.count(wasm);
        Ok(code)
    }

    /// Type of a function, imports counted first.
    pub fn type_of(&self, function: u32) -> &FuncType {
        let index = function as usize;
        let ty = match self.imports.get(index) {
            Some((_, _, ty)) => *ty,
            None => self.functions[index - self.imports.len()].ty,
        };
        &self.types[ty]
    }

    /// Results of a block.
    pub fn results(&self, block: BlockType) -> usize {
        match block {
            BlockType::Empty => 0,
            BlockType::Type(_) => 1,
            BlockType::FuncType(ty) => self.types[ty as usize].results().len(),
        }
    }

    fn prepare(&mut self, functions: usize) {
        for index in 0..functions {
            let function = &self.functions[index];
            let charges = charges(&function.operators, &self.types);
            let (ends, elses) = targets(&function.operators);
            let frame =
                self.worst_depth(&function.operators, &charges) + function.locals as u64 + 4;
            let function = &mut self.functions[index];
            (function.charges, function.ends, function.elses) = (charges, ends, elses);
            function.frame = frame;
        }
    }

    /// What activation counts. Of the operators, those instrumentation adds are counted, not made.
    fn count(&mut self, wasm: &[u8]) {
        let grows = self.memory.1 != Some(self.memory.0);
        let counts = &mut self.counts;
        counts.wasm_len = wasm.len() as u64;
        counts.functions = self.functions.len() as u64;
        counts.globals = self.globals.len() as u64 + 4;
        counts.pages = self.memory.0;
        for function in &self.functions {
            let ty = &self.types[function.ty];
            counts.type_len += (ty.params().len() + ty.results().len()) as u64;
            let number = |wanted: fn(&Operator<'_>) -> bool| {
                function.operators.iter().filter(|o| wanted(o)).count() as u64
            };
            let checks = function.charges.iter().filter(|c| **c > 0).count() as u64;
            let bulk =
                number(|o| matches!(o, Operator::MemoryFill { .. } | Operator::MemoryCopy { .. }));
            let returns = number(|o| matches!(o, Operator::Return));
            let growths = if grows {
                number(|o| matches!(o, Operator::MemoryGrow { .. }))
            } else {
                0
            };
            // A check is 12 operators, that of bytes 17; a frame is taken by 12 and given back by 4, at the end with a `return`.
            counts.operators += function.operators.len() as u64
                + 12 * checks
                + 17 * bulk
                + 12
                + 4 * (returns + 1)
                + 1
                + 4 * growths;
        }
    }

    /// Most operands a function holds, checks included, by the rules of §1.9.
    fn worst_depth(&self, operators: &[Operator<'_>], charges: &[u64]) -> u64 {
        use Operator as O;
        let (mut height, mut worst) = (0u64, 0u64);
        let mut scopes = vec![0u64];
        for (operator, charge) in operators.iter().zip(charges) {
            if *charge > 0 {
                // The check holds the ink left and the price.
                worst = worst.max(height + 2);
            }
            let (mut push, mut pop) = (0, 0);
            match operator {
                O::LocalGet { .. }
                | O::GlobalGet { .. }
                | O::I32Const { .. }
                | O::I64Const { .. }
                | O::MemorySize { .. } => push = 1,
                O::Drop
                | O::BrIf { .. }
                | O::BrTable { .. }
                | O::LocalSet { .. }
                | O::GlobalSet { .. } => pop = 1,
                O::Select => pop = 2,
                O::MemoryFill { .. } | O::MemoryCopy { .. } => {
                    // The number of bytes is put aside, then: ink, ink, bytes, price.
                    worst = worst.max(height.saturating_sub(1) + 4);
                    pop = 3;
                }
                O::Call { function_index } => {
                    let ty = self.type_of(*function_index);
                    (push, pop) = (ty.results().len() as u64, ty.params().len() as u64);
                }
                O::CallIndirect { type_index, .. } => {
                    let ty = &self.types[*type_index as usize];
                    (push, pop) = (ty.results().len() as u64, ty.params().len() as u64 + 1);
                }
                O::Block { blockty } | O::Loop { blockty } | O::If { blockty } => {
                    if matches!(operator, O::If { .. }) {
                        height = height.saturating_sub(1);
                    }
                    height += self.results(*blockty) as u64;
                    scopes.push(height);
                }
                O::Else => height = *scopes.last().unwrap_or(&0),
                O::End => height = scopes.pop().unwrap_or(0),
                other if arithmetic::store(other).is_some() => pop = 2,
                other if arithmetic::binary(other, 1, 1).is_some() => pop = 1,
                _ => {}
            }
            height += push;
            worst = worst.max(height);
            height = height.saturating_sub(pop);
        }
        worst
    }
}

fn constant(operator: &Operator<'_>) -> u64 {
    match operator {
        Operator::I32Const { value } => u64::from(value.cast_unsigned()),
        Operator::I64Const { value } => value.cast_unsigned(),
        _ => 0,
    }
}

/// Blocks and their prices: an operator that ends one is part of it.
fn charges(operators: &[Operator<'_>], types: &[FuncType]) -> Vec<u64> {
    use Operator as O;
    let mut charges = vec![0; operators.len()];
    let (mut start, mut sum) = (0, 0);
    for (index, operator) in operators.iter().enumerate() {
        let price = prices::operator(operator, |ty| types[ty as usize].params().len() as u64);
        sum += price.unwrap_or_else(|| panic!("{operator:?} has no price"));
        let ends = matches!(
            operator,
            O::End
                | O::Else
                | O::Return
                | O::Loop { .. }
                | O::Br { .. }
                | O::BrTable { .. }
                | O::BrIf { .. }
                | O::If { .. }
                | O::Call { .. }
                | O::CallIndirect { .. }
        );
        if ends {
            charges[start] = sum + prices::CHECK;
            (start, sum) = (index + 1, 0);
        }
    }
    charges
}

fn targets(operators: &[Operator<'_>]) -> (Vec<usize>, Vec<Option<usize>>) {
    let mut ends = vec![0; operators.len()];
    let mut elses = vec![None; operators.len()];
    let mut open = Vec::new();
    for (index, operator) in operators.iter().enumerate() {
        match operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => {
                open.push(index);
            }
            Operator::Else => {
                if let Some(begin) = open.last() {
                    elses[*begin] = Some(index);
                }
            }
            Operator::End => {
                if let Some(begin) = open.pop() {
                    ends[begin] = index;
                    if let Some(otherwise) = elses[begin] {
                        ends[otherwise] = index;
                    }
                }
            }
            _ => {}
        }
    }
    (ends, elses)
}
