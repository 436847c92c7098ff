//! Holds what the contracts export equal to the committed Solidity interfaces, function by function.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::{env, fmt, fs, io};

use crate::checkout::Checkout;
use crate::program::Program;
use crate::progress::Progress;

/// Functions of OpenZeppelin's two-step owner: exported by the contracts that have one, not part of our interfaces.
const OWNERSHIP: [&str; 5] = [
    "owner()",
    "pendingOwner()",
    "transferOwnership(address)",
    "acceptOwnership()",
    "renounceOwnership()",
];

/// Why interfaces could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum AbiError {
    /// A contract's export program failed.
    #[error("{program} does not export its ABI:\n{output}")]
    Export {
        /// Program.
        program: Program,
        /// What cargo printed.
        output: String,
    },
    /// The committed interface cannot be read.
    #[error("{path}: {error}")]
    Interface {
        /// File.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// Solidity text that is not understood.
    #[error("{origin}: cannot read `{declaration}`")]
    Syntax {
        /// Where it is from.
        origin: String,
        /// The declaration.
        declaration: String,
    },
}

/// Functions of an interface: signature (`name(types)`) to mutability and outputs, structs flattened.
pub type Functions = BTreeMap<String, String>;

/// A difference between contract and committed interface.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Difference {
    /// In the interface, not in the contract.
    Missing(String),
    /// In the contract, not in the interface.
    Undeclared(String),
    /// In both, with other outputs or mutability.
    Changed {
        /// Signature.
        signature: String,
        /// What the interface says.
        committed: String,
        /// What the contract exports.
        exported: String,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(signature) => write!(f, "- {signature}: declared, not exported"),
            Self::Undeclared(signature) => write!(f, "+ {signature}: exported, not declared"),
            Self::Changed {
                signature,
                committed,
                exported,
            } => {
                write!(
                    f,
                    "~ {signature}: declared `{committed}`, exported `{exported}`"
                )
            }
        }
    }
}

/// Runs every contract's export and compares. Programs without differences are in the result too.
pub fn compare_all(
    checkout: &Checkout,
    progress: &Progress,
) -> Result<Vec<(Program, Vec<Difference>)>, AbiError> {
    let bar = progress.bar(Program::every().len() as u64, "exporting ABIs");
    let mut results = Vec::new();
    for program in Program::every() {
        bar.set_message(program.name());
        let path = checkout
            .interfaces()
            .join(format!("{}.sol", program.interface()));
        let committed = fs::read_to_string(&path).map_err(|error| AbiError::Interface {
            path: path.display().to_string(),
            error,
        })?;
        let structs = structs(&without_comments(&committed));
        let committed = functions(&committed, &path.display().to_string())?;
        let exported = export(checkout.root(), program)?;
        // An export names structs and does not print them.
        let exported = functions_with(&exported, program.name(), structs)?;
        results.push((program, differences(&committed, &exported)));
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(results)
}

/// The Solidity interface a contract exports.
pub fn export(root: &Path, program: Program) -> Result<String, AbiError> {
    let name = program.name();
    let failed = |output: String| AbiError::Export { program, output };
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["run", "--quiet", "-p", name, "--features"])
        .arg(format!("{name}/export-abi,interfaces/export-abi"))
        .current_dir(root)
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(failed(String::from_utf8_lossy(&output.stderr).into_owned()))
    }
}

/// What differs, in the order of signatures.
pub fn differences(committed: &Functions, exported: &Functions) -> Vec<Difference> {
    let signatures: BTreeSet<&String> = committed.keys().chain(exported.keys()).collect();
    signatures
        .into_iter()
        .filter_map(
            |signature| match (committed.get(signature), exported.get(signature)) {
                (Some(_), None) => Some(Difference::Missing(signature.clone())),
                (None, Some(_)) if OWNERSHIP.contains(&signature.as_str()) => None,
                (None, Some(_)) => Some(Difference::Undeclared(signature.clone())),
                (Some(committed), Some(exported)) if committed != exported => {
                    Some(Difference::Changed {
                        signature: signature.clone(),
                        committed: committed.clone(),
                        exported: exported.clone(),
                    })
                }
                _ => None,
            },
        )
        .collect()
}

/// Reads the functions of Solidity interface text. Understands what interfaces contain: comments, structs, functions.
pub fn functions(text: &str, origin: &str) -> Result<Functions, AbiError> {
    functions_with(text, origin, Structs::new())
}

/// [`functions`] of a text that names `known` structs beside those it contains.
fn functions_with(text: &str, origin: &str, known: Structs) -> Result<Functions, AbiError> {
    let text = without_comments(text);
    let mut structs = structs(&text);
    structs.extend(known);
    let mut functions = Functions::new();
    for (at, _) in text.match_indices("function ") {
        let declaration = text[at..].split(';').next().unwrap_or_default();
        let (signature, rest) =
            function(declaration, &structs).ok_or_else(|| AbiError::Syntax {
                origin: origin.to_owned(),
                declaration: declaration.split_whitespace().collect::<Vec<_>>().join(" "),
            })?;
        functions.insert(signature, rest);
    }
    Ok(functions)
}

type Structs = BTreeMap<String, Vec<String>>;

/// `function name(inputs) external mutability returns (outputs)` to (`name(types)`, `mutability (types)`).
fn function(declaration: &str, structs: &Structs) -> Option<(String, String)> {
    let (name, rest) = declaration.strip_prefix("function ")?.split_once('(')?;
    let (inputs, rest) = closed(rest)?;
    let inputs = types(inputs, structs)?;
    let (modifiers, outputs) = match rest.split_once("returns") {
        Some((modifiers, outputs)) => {
            let outputs = outputs.trim();
            let (inner, rest) = closed(outputs.strip_prefix('(')?)?;
            // An export prints a list of tuples alone, `(a,b)[] memory`, without brackets around it.
            let outputs = if rest.is_empty() { inner } else { outputs };
            (modifiers, types(outputs, structs)?)
        }
        None => (rest, Vec::new()),
    };
    let mutability = ["view", "pure", "payable"]
        .into_iter()
        .find(|mutability| modifiers.split_whitespace().any(|word| word == *mutability))
        .unwrap_or("nonpayable");
    let signature = format!("{}({})", name.trim(), inputs.join(","));
    Some((signature, format!("{mutability} ({})", outputs.join(","))))
}

/// Types of a parameter list, structs replaced by their members: on the wire a single struct is its members behind one offset, which is how
/// the SDK encodes a tuple with a dynamic member.
fn types(parameters: &str, structs: &Structs) -> Option<Vec<String>> {
    let mut types = Vec::new();
    for parameter in listed(parameters) {
        if let Some(tuple) = parameter.strip_prefix('(') {
            // A tuple or a list of them: an export prints what an interface calls by the name of a struct.
            let (members, rest) = closed(tuple)?;
            let members = self::types(members, structs)?;
            match rest.split_whitespace().next() {
                Some(list) if list.starts_with('[') => {
                    types.push(format!("({}){list}", members.join(",")));
                }
                _ => types.extend(members),
            }
            continue;
        }
        let name = parameter.split_whitespace().next()?;
        let list = name.strip_suffix("[]").and_then(|name| structs.get(name));
        match (structs.get(name), list) {
            (Some(members), _) => types.extend(members.iter().cloned()),
            (None, Some(members)) => types.push(format!("({})[]", members.join(","))),
            (None, None) => types.push(name.to_owned()),
        }
    }
    Some(types)
}

/// What stands before the parenthesis that closes the one just opened, and what behind it.
fn closed(text: &str) -> Option<(&str, &str)> {
    let mut depth = 1_usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' if depth == 1 => return Some((&text[..at], &text[at + 1..])),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Parameters separated by commas outside of tuples.
fn listed(parameters: &str) -> Vec<&str> {
    let (mut depth, mut from, mut parts) = (0_usize, 0, Vec::new());
    for (at, letter) in parameters.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&parameters[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&parameters[from..]);
    let parts = parts.into_iter().map(str::trim);
    parts.filter(|part| !part.is_empty()).collect()
}

fn structs(text: &str) -> Structs {
    let mut structs = Structs::new();
    for (at, _) in text.match_indices("struct ") {
        let Some((name, rest)) = text[at + "struct ".len()..].split_once('{') else {
            continue;
        };
        let body = rest.split('}').next().unwrap_or_default();
        let members = body
            .split(';')
            .filter_map(|member| member.split_whitespace().next());
        structs.insert(name.trim().to_owned(), members.map(str::to_owned).collect());
    }
    structs
}

fn without_comments(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("/*") {
        plain.push_str(&rest[..at]);
        rest = rest[at..].split_once("*/").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    plain
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMITTED: &str = "
        interface IThing {
            struct Pair { uint256[] list; uint64 other; }
            /// function in a comment(uint8 x);
            function pair(uint256 account)
                external
                view
                returns (Pair memory);
            function set(address _owner, bytes32[] memory words) external returns (bool done);
            function clear() external;
        }";

    fn read(text: &str) -> Functions {
        functions(text, "test").expect("readable")
    }

    #[test]
    fn structs_are_flattened_and_names_do_not_matter() {
        let exported = "interface IThing {
            function pair(uint256 _account) external view returns (uint256[] memory, uint64);
            function set(address owner, bytes32[] memory w) external returns (bool);
            function clear() external;
        }";
        assert_eq!(differences(&read(COMMITTED), &read(exported)), []);
        assert_eq!(read(COMMITTED).len(), 3);
    }

    #[test]
    fn an_export_may_name_the_interfaces_structs() {
        let exported = "interface IThing {
            function pair(uint256 account) external view returns (Pair memory);
            function set(address owner, bytes32[] memory w) external returns (bool);
            function clear() external;
        }";
        let known = structs(&without_comments(COMMITTED));
        let exported = functions_with(exported, "test", known).expect("readable");
        assert_eq!(differences(&read(COMMITTED), &exported), []);
    }

    #[test]
    fn lists_of_structs_are_compared_with_lists_of_tuples() {
        let committed = "interface IThing {
            struct Pair { uint32 one; bool two; }
            function all() external view returns (Pair[] memory list, Pair memory total);
        }";
        let same = "interface IThing {
            function all() external view returns ((uint32,bool)[] memory, (uint32, bool));
        }";
        assert_eq!(differences(&read(committed), &read(same)), []);
        let other = same.replace("(uint32,bool)[]", "(uint32,bool)");
        assert_eq!(differences(&read(committed), &read(&other)).len(), 1);
    }

    #[test]
    fn a_list_of_tuples_alone_is_exported_without_brackets() {
        let committed = "struct Pair { uint32 one; bool two; }
            function all(uint256[] memory accounts) external view returns (Pair[] memory);";
        let same =
            "function all(uint256[] memory accounts) external view returns (uint32,bool)[] memory;";
        assert_eq!(differences(&read(committed), &read(same)), []);
        let other = same.replace("[] memory;", ";");
        assert_eq!(differences(&read(committed), &read(&other)).len(), 1);
    }

    #[test]
    fn a_list_of_structs_is_the_list_of_their_tuples() {
        let known = "struct Pair { uint256[] list; uint64 other; }
            function pairs(Pair[] memory given) external view returns (Pair[] memory);";
        let exported = "function pairs((uint256[], uint64)[] memory given) external view returns ((uint256[],uint64)[] memory);";
        let known = functions(known, "test").expect("readable");
        assert_eq!(differences(&known, &read(exported)), []);
        assert_eq!(known.len(), 1);
        let other = "function pairs((uint256[],uint64)[] memory) external view returns ((uint256[],uint32)[] memory);";
        assert_eq!(differences(&known, &read(other)).len(), 1);
    }

    #[test]
    fn every_kind_of_difference_is_found() {
        let exported = "interface IThing {
            function pair(uint256 a) external returns (uint256[] memory, uint64);
            function set(address owner) external returns (bool);
            function owner() external view returns (address);
            function clear() external;
        }";
        let found = differences(&read(COMMITTED), &read(exported));
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(
            matches!(&found[0], Difference::Changed { signature, .. } if signature == "pair(uint256)")
        );
        assert!(matches!(&found[1], Difference::Undeclared(s) if s == "set(address)"));
        assert!(matches!(&found[2], Difference::Missing(s) if s == "set(address,bytes32[])"));
    }

    #[test]
    fn text_that_is_no_function_is_an_error() {
        assert!(functions("function broken;", "test").is_err());
    }
}
