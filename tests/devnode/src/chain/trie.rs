//! Merkle Patricia trie that shares all unchanged nodes with its earlier versions, as the maps of the state do: a clone is O(1), a
//! change builds the path to one leaf anew, and hashes once calculated are kept with their nodes. That is what makes a true state root
//! in every header, and proofs at every state that is kept, cost a few hashes a transaction.
//!
//! Keys are hashes, all of one length, so no branch has a value of its own. How nodes are written down is `alloy-trie`'s.

use std::sync::{Arc, OnceLock};

use alloy_primitives::{B256, Bytes, keccak256};
use alloy_rlp::Encodable;
use alloy_trie::{
    EMPTY_ROOT_HASH, Nibbles, TrieMask,
    nodes::{BranchNodeRef, ExtensionNodeRef, LeafNodeRef, RlpNode},
};

/// A trie from hashed keys to bytes.
#[derive(Clone, Debug, Default)]
pub struct Trie(Option<Arc<Node>>);

#[derive(Debug)]
struct Node {
    kind: Kind,
    /// How the parent refers to it: by hash, or as a whole when shorter than one.
    reference: OnceLock<RlpNode>,
}

type Children = [Option<Arc<Node>>; 16];

#[derive(Debug)]
enum Kind {
    Leaf { path: Nibbles, value: Arc<[u8]> },
    Extension { path: Nibbles, child: Arc<Node> },
    Branch(Box<Children>),
}

impl Trie {
    /// Puts a value at a key, in place of the one there.
    pub fn insert(&mut self, key: B256, value: &[u8]) {
        let path = Nibbles::unpack_array(&key.0);
        self.0 = Some(inserted(self.0.as_ref(), path, value.into()));
    }

    /// Removes a key; nothing happens when it is not there.
    pub fn remove(&mut self, key: B256) {
        if let Some(root) = &self.0 {
            self.0 = removed(root, Nibbles::unpack_array(&key.0));
        }
    }

    /// Hash of the whole.
    pub fn root(&self) -> B256 {
        self.0.as_ref().map_or(EMPTY_ROOT_HASH, |root| {
            let reference = root.reference();
            // A root is hashed even when it is short.
            reference
                .as_hash()
                .unwrap_or_else(|| keccak256(reference.as_slice()))
        })
    }

    /// Nodes from the root towards a key, as far as they go: proof of its value, or that it has none. Nodes that stand inside their
    /// parents are not repeated.
    pub fn proof(&self, key: B256) -> Vec<Bytes> {
        let mut path = Nibbles::unpack_array(&key.0);
        let mut proof = Vec::new();
        let mut next = self.0.as_ref();
        while let Some(node) = next {
            if proof.is_empty() || node.reference().is_hash() {
                proof.push(node.encoded().into());
            }
            next = match &node.kind {
                Kind::Leaf { .. } => None,
                Kind::Extension { path: own, child } => {
                    let goes_on = path.starts_with(own);
                    path = path.slice(own.len().min(path.len())..);
                    goes_on.then_some(child)
                }
                Kind::Branch(children) => {
                    let child = children[first(&path)].as_ref();
                    path = path.slice(1..);
                    child
                }
            };
        }
        proof
    }
}

impl Node {
    fn new(kind: Kind) -> Arc<Self> {
        let reference = OnceLock::new();
        Arc::new(Self { kind, reference })
    }

    fn reference(&self) -> &RlpNode {
        self.reference
            .get_or_init(|| RlpNode::from_rlp(&self.encoded()))
    }

    fn encoded(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match &self.kind {
            Kind::Leaf { path, value } => LeafNodeRef::new(path, value).encode(&mut out),
            Kind::Extension { path, child } => {
                ExtensionNodeRef::new(path, child.reference().as_slice()).encode(&mut out);
            }
            Kind::Branch(children) => {
                let mut mask = TrieMask::default();
                let mut stack = Vec::with_capacity(16);
                for (index, child) in (0..).zip(children.iter()) {
                    if let Some(child) = child {
                        mask.set_bit(index);
                        stack.push(child.reference().clone());
                    }
                }
                BranchNodeRef::new(&stack, mask).encode(&mut out);
            }
        }
        out
    }
}

/// First nibble of a path that has one: all keys are equally long, so a branch is never at the end of one.
fn first(path: &Nibbles) -> usize {
    usize::from(path.get_unchecked(0))
}

fn leaf(path: Nibbles, value: Arc<[u8]>) -> Arc<Node> {
    Node::new(Kind::Leaf { path, value })
}

/// `child` under a path in front of it, without two paths in a row.
fn under(path: Nibbles, child: Arc<Node>) -> Arc<Node> {
    if path.is_empty() {
        return child;
    }
    match &child.kind {
        Kind::Leaf { path: own, value } => leaf(path.join(own), Arc::clone(value)),
        Kind::Extension {
            path: own,
            child: grandchild,
        } => Node::new(Kind::Extension {
            path: path.join(own),
            child: Arc::clone(grandchild),
        }),
        Kind::Branch(_) => Node::new(Kind::Extension { path, child }),
    }
}

/// A branch of two behind what `old` and `new` have in common; each is given what is left of its path behind the branch.
fn parted(
    old: &Nibbles,
    new: &Nibbles,
    old_node: impl FnOnce(Nibbles) -> Arc<Node>,
    new_node: impl FnOnce(Nibbles) -> Arc<Node>,
) -> Arc<Node> {
    let common = old.common_prefix_length(new);
    let mut children = Box::new(Children::default());
    children[first(&old.slice(common..))] = Some(old_node(old.slice(common + 1..)));
    children[first(&new.slice(common..))] = Some(new_node(new.slice(common + 1..)));
    under(new.slice(..common), Node::new(Kind::Branch(children)))
}

fn inserted(node: Option<&Arc<Node>>, path: Nibbles, value: Arc<[u8]>) -> Arc<Node> {
    let Some(node) = node else {
        return leaf(path, value);
    };
    match &node.kind {
        Kind::Leaf { path: own, .. } if *own == path => leaf(path, value),
        Kind::Leaf {
            path: own,
            value: old,
        } => parted(
            own,
            &path,
            |rest| leaf(rest, Arc::clone(old)),
            |rest| leaf(rest, value),
        ),
        Kind::Extension { path: own, child } if path.starts_with(own) => {
            let rest = path.slice(own.len()..);
            under(*own, inserted(Some(child), rest, value))
        }
        Kind::Extension { path: own, child } => parted(
            own,
            &path,
            |rest| under(rest, Arc::clone(child)),
            |rest| leaf(rest, value),
        ),
        Kind::Branch(children) => {
            let mut children = children.clone();
            let child = &mut children[first(&path)];
            *child = Some(inserted(child.as_ref(), path.slice(1..), value));
            Node::new(Kind::Branch(children))
        }
    }
}

/// What is left of a node without the key; the node itself when the key was not there.
fn removed(node: &Arc<Node>, path: Nibbles) -> Option<Arc<Node>> {
    let unchanged = || Some(Arc::clone(node));
    match &node.kind {
        Kind::Leaf { path: own, .. } if *own == path => None,
        Kind::Leaf { .. } => unchanged(),
        Kind::Extension { path: own, child } => {
            if !path.starts_with(own) {
                return unchanged();
            }
            let left = removed(child, path.slice(own.len()..))?;
            if Arc::ptr_eq(&left, child) {
                return unchanged();
            }
            Some(under(*own, left))
        }
        Kind::Branch(children) => {
            let index = first(&path);
            let Some(child) = &children[index] else {
                return unchanged();
            };
            let left = removed(child, path.slice(1..));
            if left.as_ref().is_some_and(|left| Arc::ptr_eq(left, child)) {
                return unchanged();
            }
            let mut children = children.clone();
            children[index] = left;
            let mut rest = (0u8..)
                .zip(children.iter())
                .filter_map(|(index, child)| Some((index, child.as_ref()?)));
            // A branch has two children at least, or it is none.
            match (rest.next(), rest.next()) {
                (Some((index, only)), None) => {
                    Some(under(Nibbles::from_nibbles([index]), Arc::clone(only)))
                }
                _ => Some(Node::new(Kind::Branch(children))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use alloy_trie::{HashBuilder, proof::verify_proof};

    use super::*;

    /// The root as `alloy-trie` builds it from all leaves in order.
    fn rebuilt(leaves: &BTreeMap<B256, Vec<u8>>) -> B256 {
        let mut builder = HashBuilder::default();
        for (key, value) in leaves {
            builder.add_leaf(Nibbles::unpack_array(&key.0), value);
        }
        builder.root()
    }

    /// Numbers of a fixed sequence.
    struct Sequence(u64);

    impl Sequence {
        fn below(&mut self, bound: u64) -> u64 {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % bound
        }

        /// Keys that share beginnings of every length, so that each kind of node comes about at every depth, short ones included.
        fn key(&mut self) -> B256 {
            let mut key = B256::ZERO;
            let at = usize::try_from(self.below(32)).expect("small");
            key[at] = u8::try_from(self.below(256)).expect("a byte");
            key[31] ^= u8::try_from(self.below(4)).expect("small");
            key
        }

        fn value(&mut self) -> Vec<u8> {
            let length = usize::try_from(1 + self.below(60)).expect("small");
            vec![u8::try_from(1 + self.below(255)).expect("a byte"); length]
        }
    }

    #[test]
    fn root_and_proofs_are_those_of_a_trie_built_at_once() {
        let mut sequence = Sequence(7);
        for _ in 0..40 {
            let (mut trie, mut leaves) = (Trie::default(), BTreeMap::new());
            for step in 0..300 {
                let key = sequence.key();
                // Grows first, then shrinks to nothing.
                if sequence.below(300) > step {
                    let value = sequence.value();
                    trie.insert(key, &value);
                    leaves.insert(key, value);
                } else if let Some(key) = leaves.keys().nth(sequence.below(9) as usize).copied() {
                    trie.remove(key);
                    leaves.remove(&key);
                } else {
                    trie.remove(key);
                    leaves.remove(&key);
                }
                assert_eq!(trie.root(), rebuilt(&leaves));
                for key in [key, sequence.key()] {
                    let proof = trie.proof(key);
                    let path = Nibbles::unpack_array(&key.0);
                    let value = leaves.get(&key).cloned();
                    verify_proof(trie.root(), path, value, &proof).expect("proves");
                }
            }
            for key in leaves.keys() {
                trie.remove(*key);
            }
            assert_eq!(trie.root(), EMPTY_ROOT_HASH);
        }
    }

    #[test]
    fn earlier_version_is_untouched_by_changes() {
        let mut trie = Trie::default();
        trie.insert(B256::repeat_byte(1), b"one");
        let (before, root) = (trie.clone(), trie.root());
        trie.insert(B256::repeat_byte(2), b"two");
        assert_ne!(trie.root(), root);
        trie.remove(B256::repeat_byte(2));
        assert_eq!((before.root(), trie.root()), (root, root));
    }
}
