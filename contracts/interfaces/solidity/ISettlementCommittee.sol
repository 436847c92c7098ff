// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// What k of n keys say an underlying was worth at an expiry, where the chain recorded too little (EIP-712). Anyone submits; nobody owns it; the
/// signers never change. Prices are 1e18 quote per underlying, times unix seconds.
///
/// Signed under the domain ("Novation Settlement Committee", "1", chain id, this contract):
///   Attestation(bytes32 feed,uint32 expiry,uint256 price,uint64 deadline)
/// `price`: the average of the underlying's price over the half hour before the expiry, weighted by time. `signatures` are 65 bytes each (r, s, v),
/// strictly ascending by the signer's address, s in the lower half of the order, v 27 or 28.
///
/// The first attestation of an expiry becomes final six hours later. Until then one of strictly more signers replaces it, without moving that time:
/// so a dispute is decided by numbers, and ends. Any two attestations share a signer, who then has signed both.
///
/// OracleAdapter asks `attestation` and nothing else: any contract that answers it, such as an optimistic oracle, may stand in this place.
interface ISettlementCommittee {
    event Attested(bytes32 indexed feed, uint32 indexed expiry, uint256 price, uint8 signers, uint64 finalAt);

    error ParameterOutOfBounds(uint256 given, uint256 least, uint256 most);
    /// Thrown when a signer would be nobody.
    error BadSigner(address signer);
    error NotEnoughSigners(uint256 given, uint256 needed);
    /// Thrown when a signature is not one of a signer over these very data, on this chain, for this contract.
    error UnknownSigner(address signer);
    error DuplicateSigner(address signer);
    error UnsortedSigners(address previous, address next);
    /// Thrown when signature `index` is nobody's, or one that others could have altered.
    error BadSignature(uint256 index);
    error Expired(uint64 deadline, uint64 time);
    error NotExpired(uint32 expiry, uint64 time);
    /// Thrown when the attestation of this expiry is final.
    error DisputeClosed(uint64 finalAt, uint64 time);
    /// Thrown when no more have signed than what would be replaced.
    error NotMoreSigners(uint256 given, uint256 needed);

    /// Takes an attestation in: the first one, of at least the threshold, or within six hours of it one of more signers than the last.
    /// Returns when it becomes final.
    function attest(bytes32 feed, uint32 expiry, uint256 price, uint64 deadline, bytes memory signatures)
        external
        returns (uint64 finalAt);

    /// Latest attestation and from when on it is final; both zero when there is none.
    function attestation(bytes32 feed, uint32 expiry) external view returns (uint256 price, uint64 finalAt);
    /// How many signed it; 0 when there is none.
    function attesters(bytes32 feed, uint32 expiry) external view returns (uint8 signers);
    /// Ascending by address; how many must sign: more than half of them.
    function signerSet() external view returns (address[] memory signers, uint8 threshold);
    function domainSeparator() external view returns (bytes32);
}
